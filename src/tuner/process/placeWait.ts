import path from 'node:path';
import type { Text } from '../../core/text/problem';

/** What a process waits for before it runs. */
export interface Waiting {
  readonly text: Text;
  /** In the queue of a cluster: that is no fault, takes what it takes, and none of the budget. */
  readonly isQueued: boolean;
}

/** A launcher that has said nothing for so long is named as what is waited for. */
const silentMs = 4000;
/** How srun and salloc say that a job or a step waits, and that it does no more. */
const queued = /queued and waiting for resources|Pending job allocation|step creation temporarily/;
const placed = /has been allocated resources|Granted job allocation|Step created/;

/** The wait of one process for its place: told to who shows it, and measured. */
export class PlaceWait {
  readonly #tell: (waiting: Waiting | null) => void;
  readonly #now: () => number;
  #waiting: Waiting | null = null;
  #queuedSince = 0;
  #queuedMs = 0;
  #silence: NodeJS.Timeout | undefined;
  #isLaunched = false;
  #isOver = false;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(
    tell: (waiting: Waiting | null) => void = () => undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#tell = tell;
    this.#now = now;
  }

  /** A launcher has begun to start it. */
  launched(launcher: readonly string[]): void {
    this.#isLaunched = true;
    this.#silence = setTimeout(() => {
      const values = { launcher: shownLauncher(launcher) };
      if (!this.#waiting) this.#set({ text: { id: 'progressLauncher', values }, isQueued: false });
    }, silentMs);
    this.#silence.unref();
  }

  /** A line that the launcher printed. */
  heard(line: string): void {
    if (this.#isOver) return;
    if (queued.test(line)) this.queued({ id: 'progressQueued', values: { cause: line.trim() } });
    else if (placed.test(line)) this.#set(null);
  }

  queued(text: Text): void {
    if (!this.#isOver) this.#set({ text, isQueued: true });
  }

  /** It runs, or never will. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    this.#set(null);
  }

  /** A launcher has not started it yet. */
  get isOn(): boolean {
    return this.#isLaunched && !this.#isOver;
  }

  get isQueued(): boolean {
    return this.#waiting?.isQueued === true;
  }

  /** Milliseconds in queues so far. */
  get queuedMs(): number {
    return this.#queuedMs + (this.isQueued ? this.#now() - this.#queuedSince : 0);
  }

  #set(waiting: Waiting | null): void {
    this.#queuedMs = this.queuedMs;
    this.#queuedSince = this.#now();
    if (this.#waiting === null && waiting === null) return;
    this.#waiting = waiting;
    this.#tell(waiting);
  }
}

/** A launcher as it is shown: long ones by their first words. */
export function shownLauncher(launcher: readonly string[]): string {
  const [program = '', ...rest] = launcher;
  const words = [path.basename(program), ...rest].join(' ');
  return words.length > 60 ? `${words.slice(0, 57)}…` : words;
}
