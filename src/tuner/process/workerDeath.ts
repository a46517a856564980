import { endsOutOfMemory, saysOutOfMemory } from '../../protocol/outOfMemorySigns';
import type { Running } from '../../protocol/trainer';

/** How a process ended and the last it wrote to stderr. */
export interface WorkerDeath {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
  /** It showed no sign of life, and was ended for that. */
  readonly hung?: boolean;
  /** The tuner ended it. */
  readonly ended?: boolean;
  /** What ran then. */
  readonly running?: Running | null;
  /** Whether memory was there to the end: false where it had run short, null where it is not known. */
  readonly hadMemory?: boolean | null;
}

/**
 * True when a death looks like memory ran out: by its last words, or by a signal or exit code that
 * the lack of memory has, unless there was memory all the time: anybody can send a signal.
 */
export function looksLikeOutOfMemory(death: WorkerDeath): boolean {
  const { exitCode, signal, stderrTail, hung = false, hadMemory = null } = death;
  if (hung) return false;
  if (exitCode !== 0 && saysOutOfMemory(stderrTail)) return true;
  return endsOutOfMemory(exitCode, signal) && hadMemory !== true;
}

/** A death in a few words: the signal or exit code, and the last line that was written. */
export function causeOfDeath({ exitCode, signal, stderrTail, hung }: WorkerDeath): string {
  if (hung === true) return 'causeHung';
  const end = signal ?? `exit code ${exitCode ?? 'unknown'}`;
  const lines = stderrTail
    .split('\n')
    .map((line) => line.trim())
    // Warnings of Dawn about drivers that it skipped, and TensorFlow's settings: not a cause of death.
    .filter((line) => line !== '' && !/^(at |Warning:|WARNING:|I\d{4} )/.test(line));
  const telling = lines.findLast((line) => /error|fatal|memory/i.test(line)) ?? lines.at(-1);
  return telling === undefined ? end : `${end}: ${telling.slice(0, 200)}`;
}
