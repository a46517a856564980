/** Which part of reading goes on. */
type ReadingStep = 'reading' | 'measuring';

/** Called with the progress of reading, a few times a second. */
export type OnReading = (step: ReadingStep, fraction: number) => void;

/** Quicker steps report no progress. */
const quietMs = 1000;
const everyMs = 250;

/** Counts the bytes (or images) of one step of reading and reports progress once it takes long. */
export class ReadingProgress {
  readonly #step: ReadingStep;
  readonly #total: number;
  readonly #tell: OnReading | undefined;
  #done = 0;
  #told = performance.now() + quietMs - everyMs;

  constructor(step: ReadingStep, total: number, tell: OnReading | undefined) {
    this.#step = step;
    this.#total = total;
    this.#tell = tell;
  }

  readonly add = (amount: number): void => {
    this.#done += amount;
    const now = performance.now();
    if (now < this.#told + everyMs) return;
    this.#told = now;
    this.#tell?.(this.#step, Math.min(1, this.#done / Math.max(1, this.#total)));
  };
}
