import { withEnglish } from '../../core/sweep/renderedText';
import type { Text } from '../../core/text/problem';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { BudgetClock } from './sweepContext';

/**
 * Reports a sweep's progress: at every change and twice a second. The steps say how many seconds they
 * expect to need still; the fraction never goes back.
 */
export class SweepProgress {
  readonly #clock: BudgetClock;
  readonly #emit: (event: SweepEvent) => void;
  #text: Text = { id: 'progressPreparing', values: {} };
  #expectedEnd: number | null = null;
  #fraction = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: BudgetClock, emit: (event: SweepEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  start(): void {
    this.#tell();
    this.#timer = setInterval(() => {
      this.#tell();
    }, 500);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What is being done now, and the seconds the whole sweep is expected to take from here. */
  set(text: Text, secondsLeft: number | null): void {
    this.#text = text;
    this.#expectedEnd = secondsLeft === null ? null : this.#clock.spent + secondsLeft;
    this.#tell();
  }

  #tell(): void {
    const { spent } = this.#clock;
    const end = this.#expectedEnd;
    const left = end === null ? null : Math.max(0, end - spent);
    if (left !== null) {
      this.#fraction = Math.max(this.#fraction, Math.min(0.99, spent / (spent + left + 1e-9)));
    }
    this.#emit({
      type: 'progress',
      text: withEnglish(this.#text),
      fraction: this.#fraction,
      secondsLeft: left,
    });
  }
}
