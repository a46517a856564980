/** Most blocks that count as warm-up. */
const mostBlocks = 8;
/** Most milliseconds that count as warm-up. */
const mostMs = 1500;

/**
 * Detects when a device has warmed up: engines compile and caches fill during the first steps, so
 * step times fall at first. It is over when a block is no longer at least 5% faster than the
 * fastest before it, and after a bounded number of blocks and time in any case.
 */
export class WarmUp {
  #fastest = Infinity;
  #blocks = 0;
  #spentMs = 0;
  #over = false;

  /** Whether the next block is to be counted. */
  get done(): boolean {
    return this.#over;
  }

  /** Takes a block of the warm-up. */
  observe(iterations: number, ms: number): void {
    const stepMs = ms / iterations;
    this.#blocks++;
    this.#spentMs += ms;
    const settled = stepMs > this.#fastest * 0.95;
    this.#fastest = Math.min(this.#fastest, stepMs);
    this.#over ||= settled || this.#blocks >= mostBlocks || this.#spentMs >= mostMs;
  }
}
