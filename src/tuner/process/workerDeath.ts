import { endsOutOfMemory, saysOutOfMemory } from '../../protocol/outOfMemorySigns';

/** How a process ended and the last it wrote to stderr. */
export interface WorkerDeath {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
}

/** True when a death looks like memory ran out: by signal, by exit code, by its last words. */
export function looksLikeOutOfMemory({ exitCode, signal, stderrTail }: WorkerDeath): boolean {
  if (endsOutOfMemory(exitCode, signal)) return true;
  return exitCode !== 0 && saysOutOfMemory(stderrTail);
}

/** A death in a few words: the signal or exit code, and the last line that was written. */
export function causeOfDeath({ exitCode, signal, stderrTail }: WorkerDeath): string {
  const end = signal ?? `exit code ${exitCode ?? 'unknown'}`;
  const lines = stderrTail
    .split('\n')
    .map((line) => line.trim())
    // Dawn warns of drivers that it passed over, and TensorFlow tells its settings: no cause of an end.
    .filter((line) => line !== '' && !/^(at |Warning:|WARNING:|I\d{4} )/.test(line));
  const telling = lines.findLast((line) => /error|fatal|memory/i.test(line)) ?? lines.at(-1);
  return telling === undefined ? end : `${end}: ${telling.slice(0, 200)}`;
}
