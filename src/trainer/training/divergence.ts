/**
 * Watches the training loss: a trial has diverged when the loss is not a finite number, or when
 * both halves of an epoch had a mean loss above the one before training by more than two standard
 * errors. Halves, because an epoch that starts with a leap and then comes down is still learning.
 */
export class DivergenceWatch {
  private epoch = 0;
  private halves = [new Mean(), new Mean()];

  constructor(private readonly start: { readonly loss: number; readonly standardError: number }) {}

  /**
   * Takes the mean loss of some updates that ended at `epoch` (with its fraction). Returns why the
   * trial has diverged, or null.
   */
  observe(epoch: number, updates: number, loss: number): string | null {
    if (!Number.isFinite(loss)) return `The loss became ${loss} in epoch ${epoch.toFixed(2)}.`;
    const ended = Math.floor(epoch) > this.epoch;
    const half = ended || epoch - this.epoch > 0.5 ? 1 : 0;
    this.halves[half]?.add(loss, updates);
    if (!ended) return null;
    const [first, second] = this.halves.map(({ value }) => value);
    this.epoch = Math.floor(epoch);
    this.halves = [new Mean(), new Mean()];
    const bound = this.start.loss + 2 * this.start.standardError;
    if ((first ?? Infinity) <= bound || (second ?? Infinity) <= bound) return null;
    return `The loss stayed above its start (${this.start.loss.toPrecision(4)}) for a whole epoch.`;
  }
}

class Mean {
  private sum = 0;
  private weight = 0;

  add(value: number, weight: number): void {
    this.sum += value * weight;
    this.weight += weight;
  }

  /** Null when nothing was added. */
  get value(): number | null {
    return this.weight === 0 ? null : this.sum / this.weight;
  }
}
