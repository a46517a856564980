import type { Text } from '../../core/text/problem';

/** Fewer updates than this say nothing: near full batch an epoch is one or two, and one may leap. */
const fewestUpdates = 20;

/** The loss before training, over some samples. */
export interface Start {
  readonly loss: number;
  readonly standardError: number;
  readonly samples: number;
}

/**
 * Watches the training loss: a trial has diverged when the loss is not a finite number, or when
 * both halves of an epoch had a mean loss above the one before training by more than two standard
 * errors. Halves, because an epoch that starts with a leap and then comes down is still learning.
 * Epochs of few updates are judged together. The first update's loss is one before training, too:
 * where outliers make most of a loss, the samples of the start alone may hold none.
 */
export class DivergenceWatch {
  readonly #start: Start;
  /** Samples of the first update. */
  readonly #batchSize: number;
  #startLoss: number | null = null;
  #judgedEpoch = 0;
  #seen: { updates: number; loss: number }[] = [];

  constructor(start: Start, batchSize: number) {
    this.#start = start;
    this.#batchSize = batchSize;
  }

  /**
   * Takes the mean loss of some updates that ended at `epoch` (with its fraction). Returns why the
   * trial has diverged, or null.
   */
  observe(epoch: number, updates: number, loss: number): Text | null {
    if (!Number.isFinite(loss)) {
      return { id: 'causeLossNotFinite', values: { loss: `${loss}`, epoch: epoch.toFixed(2) } };
    }
    this.#startLoss ??= updates === 1 ? this.#withFirstUpdate(loss) : this.#start.loss;
    this.#seen.push({ updates, loss });
    const total = this.#seen.reduce((sum, piece) => sum + piece.updates, 0);
    if (Math.floor(epoch) <= this.#judgedEpoch || total < fewestUpdates) return null;
    const halves = this.#halves(total);
    this.#judgedEpoch = Math.floor(epoch);
    this.#seen = [];
    const bound = this.#startLoss + 2 * this.#start.standardError;
    if (halves.some((mean) => mean <= bound)) return null;
    return { id: 'causeLossRose', values: { start: this.#startLoss.toPrecision(4) } };
  }

  #withFirstUpdate(loss: number): number {
    const { samples } = this.#start;
    return (samples * this.#start.loss + this.#batchSize * loss) / (samples + this.#batchSize);
  }

  /** Mean losses of the first and the second half of the updates seen; a lone piece is both. */
  #halves(total: number): number[] {
    const first = { sum: 0, updates: 0 };
    const second = { sum: 0, updates: 0 };
    let before = 0;
    for (const { updates, loss } of this.#seen) {
      const half = before + updates / 2 < total / 2 ? first : second;
      half.sum += loss * updates;
      half.updates += updates;
      before += updates;
    }
    return [first, second].flatMap(({ sum, updates }) => (updates === 0 ? [] : [sum / updates]));
  }
}
