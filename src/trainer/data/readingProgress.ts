/** Which part of reading goes on. */
export type ReadingStep = 'reading' | 'measuring';

/** Told how far reading is, a few times a second. */
export type OnReading = (step: ReadingStep, fraction: number) => void;

/** Quicker steps are not worth a word. */
const quietMs = 1000;
const everyMs = 250;

/** Counts bytes (or images) of one step of reading and tells about it once it takes long. */
export class ReadingProgress {
  private done = 0;
  private told = performance.now() + quietMs - everyMs;

  constructor(
    private readonly step: ReadingStep,
    private readonly total: number,
    private readonly tell: OnReading | undefined,
  ) {}

  readonly add = (amount: number): void => {
    this.done += amount;
    const now = performance.now();
    if (now < this.told + everyMs) return;
    this.told = now;
    this.tell?.(this.step, Math.min(1, this.done / Math.max(1, this.total)));
  };
}
