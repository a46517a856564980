import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import { isInterrupted, logFiles, parseLog, type LoggedSweep } from './runLog';

/** A log as far as it was read. */
interface Followed {
  readonly file: string;
  readonly events: SweepEvent[];
  /** Bytes that were taken, up to the end of a line. */
  offset: number;
}

interface FollowedSweep extends LoggedSweep {
  /** What came since the last reading; null when this is another sweep than before. */
  readonly appended: readonly SweepEvent[] | null;
}

const lineFeed = 10;

/**
 * Follows the newest sweep of a config on disk: each reading goes on where the last one ended, so that
 * a long log costs what is new in it.
 */
export class SweepFollower {
  readonly #configFile: string;
  #followed: Followed | null = null;

  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  /** The newest sweep, running or not; null when it was never tuned. */
  read(): FollowedSweep | null {
    const before = this.#followed;
    for (const file of logFiles(this.#configFile).reverse()) {
      const known = before?.file === file ? before : null;
      const appended = known ? readOn(known) : null;
      const followed = appended ? known : { file, events: [], offset: 0 };
      const events = appended ?? (followed ? (readOn(followed) ?? []) : []);
      if (!followed || followed.events.length === 0) continue;
      this.#followed = followed;
      return {
        file,
        events: followed.events,
        interrupted: isInterrupted(followed.events),
        appended: appended && events,
      };
    }
    this.#followed = null;
    return null;
  }
}

/** Takes the whole lines beyond the offset; null for a log that was cut or cannot be read. */
function readOn(followed: Followed): SweepEvent[] | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(followed.file, 'r');
    const { size } = fstatSync(descriptor);
    if (size < followed.offset) return null;
    const bytes = Buffer.alloc(size - followed.offset);
    const read = readSync(descriptor, bytes, 0, bytes.length, followed.offset);
    // A line that is being written is read when it is whole.
    const whole = bytes.subarray(0, read).lastIndexOf(lineFeed) + 1;
    const events = parseLog(bytes.toString('utf8', 0, whole));
    followed.offset += whole;
    followed.events.push(...events);
    return events;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
