import { isDeepStrictEqual } from 'node:util';
import { withEnglish } from '../../core/sweep/renderedText';
import type { Text } from '../../core/text/problem';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { Waiting } from '../process/placeWait';
import type { BudgetClock } from './sweepContext';

/** Each report is written to the log and sent to whoever looks; a training may make a thousand updates a second. */
const secondsBetween = 0.1;

/**
 * Reports a sweep's progress: at once when it turns to something else, at most ten times a second
 * while it goes on, and twice a second whatever happens. Until a size has reached the target, all that
 * is known is what the budget leaves; the fraction never goes back.
 */
export class SweepProgress {
  readonly #clock: BudgetClock;
  readonly #emit: (event: SweepEvent) => void;
  #text: Text = { id: 'progressPreparing', values: {} };
  /** What is waited for meanwhile. */
  #waiting: Waiting | null = null;
  #expectedEnd: number | null = null;
  #fraction = 0;
  /** When something was reported last, in seconds of the sweep. */
  #toldAt = -Infinity;
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

  /**
   * What is being done now, and the seconds the whole sweep is expected to take from here; null
   * where nothing but the budget tells.
   */
  set(text: Text, secondsLeft: number | null): void {
    const isOther = !isDeepStrictEqual(text, this.#text);
    this.#text = text;
    const isKnown = secondsLeft !== null && Number.isFinite(secondsLeft);
    this.#expectedEnd = isKnown ? this.#clock.spent + secondsLeft : null;
    if (isOther || this.#clock.spent - this.#toldAt >= secondsBetween) this.#tell();
  }

  /** What is waited for before that can be done; null once it is there. A queue costs no budget. */
  readonly waitFor = (waiting: Waiting | null): void => {
    this.#waiting = waiting;
    if (waiting?.isQueued === true) this.#clock.pause();
    else this.#clock.resume();
    this.#tell();
  };

  #tell(): void {
    const { spent } = this.#clock;
    this.#toldAt = spent;
    const most = Number.isFinite(this.#clock.left) ? this.#clock.left : null;
    const end = this.#expectedEnd;
    // What is overdue says nothing of how long it will take still.
    const left = end === null || end <= spent ? null : Math.min(end - spent, most ?? Infinity);
    const ahead = left ?? most;
    if (ahead !== null) {
      this.#fraction = Math.max(this.#fraction, Math.min(0.99, spent / (spent + ahead + 1e-9)));
    }
    this.#emit({
      type: 'progress',
      text: withEnglish(this.#waiting?.text ?? this.#text),
      fraction: this.#fraction,
      secondsLeft: left,
      mostSecondsLeft: most,
    });
  }
}
