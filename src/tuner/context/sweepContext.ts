import type { EvaluationGrid } from '../../planner/race/evaluationGrid';
import type { Text } from '../../core/text/problem';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { Trial } from '../../core/sweep/result';
import type { Metric } from '../../core/sweep/curve';
import type { Prepared } from '../../protocol/trainer';
import type { LoadedTrainer } from '../process/loadedTrainer';
import type { Findings } from './findings';
import type { StepTimes } from './stepTimes';

/** The person ended the sweep. Thrown through the steps of a sweep, caught where it began. */
export class SweepCancelled extends Error {
  override readonly name = 'SweepCancelled';
}

/** A trial of an earlier, cut-off sweep: finished, or only probed. */
export interface ResumedTrial {
  readonly trial: Trial;
  readonly finished: boolean;
}

/** What the steps of one sweep share; what they find out on the way is in `findings`. */
export interface SweepContext {
  readonly trainer: LoadedTrainer;
  readonly prepared: Prepared;
  readonly grid: EvaluationGrid;
  readonly metric: Metric;
  readonly seed: number;
  /** Device bytes a trial may hold at most; null where it is not known. */
  readonly limitBytes: number | null;
  readonly exhaustive: boolean;
  readonly epochs: number;
  readonly clock: BudgetClock;
  readonly signal: AbortSignal | null;
  readonly emit: (event: SweepEvent) => void;
  /** Shows a person something that is no reason for a size, and adds it to the result's notes. */
  readonly note: (note: Text) => void;
  /** Reports which size is ahead, once two have been compared; later trials may change it. */
  readonly suggest: (trials: readonly Trial[]) => void;
  /** The batch size of the config, at most the data set, where noise is measured and the pilot runs. */
  readonly configuredBatchSize: number;
  /** The configured microbatches of an update. */
  readonly configuredAccumulation: number;
  /** Trials of an earlier, cut-off sweep by id. */
  readonly resumedTrials: ReadonlyMap<string, ResumedTrial>;
  /** What the earlier parts of a resumed sweep spent. */
  readonly earlierSeconds: number;
  /** The learning rate for a size, by the configured rule and what is known of the noise. */
  readonly learningRateOf: (batchSize: number) => number;
  readonly times: StepTimes;
  readonly findings: Findings;
}

/** Kept back of the budget for ending trials and the last writes. */
export const reserveSeconds = 0.3;

/** Seconds of a sweep: spent, and left of its budget. */
export class BudgetClock {
  readonly #now: () => number;
  readonly #begun: number;
  #startSeconds = 0;
  /** Waited in queues, which none of the budget pays for. */
  #paused = 0;
  #pausedAt: number | null = null;

  /** `alreadySpent` seconds went by before, for starting up. */
  constructor(
    readonly budgetSeconds: number,
    alreadySpent = 0,
    now: () => number = () => performance.now() / 1000,
  ) {
    this.#now = now;
    this.#begun = now() - alreadySpent;
  }

  /** Model and data are loaded. */
  started(): void {
    this.#startSeconds = this.spent;
  }

  /** The budget, and what of it went by before model and data were loaded. */
  get given() {
    return { budgetSeconds: this.budgetSeconds, startSeconds: this.#startSeconds };
  }

  get spent(): number {
    return (this.#pausedAt ?? this.#now()) - this.#begun - this.#paused;
  }

  /** Stands still until it is resumed. */
  pause(): void {
    this.#pausedAt ??= this.#now();
  }

  resume(): void {
    if (this.#pausedAt === null) return;
    this.#paused += this.#now() - this.#pausedAt;
    this.#pausedAt = null;
  }

  get left(): number {
    return Math.max(0, this.budgetSeconds - this.spent);
  }

  /** When a call that is still running must be ended by force, for the budget to be kept. */
  get msToLastMoment(): number {
    return Math.max(1, (this.budgetSeconds * 1.05 - this.spent) * 1000);
  }
}

export function throwIfCancelled({ signal }: Pick<SweepContext, 'signal'>): void {
  if (signal?.aborted) throw new SweepCancelled();
}
