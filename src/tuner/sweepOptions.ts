import type { MemoryMargin } from '../config/memoryMargin';
import type { AnyConfig } from '../config/schema';
import type { Problem, Result, Text } from '../core/text/problem';
import type { BackendName, Objective, SweepResult } from '../core/sweep/result';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import type { Trainer } from './process/trainer';
import type { TrainerOptions } from './process/trainerProcess';

export interface SweepOptions {
  readonly config: AnyConfig;
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  /** These take the place of the config's. */
  readonly budgetSeconds?: number | undefined;
  readonly objective?: Objective | undefined;
  readonly backend?: BackendName | 'auto' | undefined;
  readonly batchSizes?: readonly number[] | undefined;
  /** Every ladder size, without early stop; a budget only counts where one is given here. */
  readonly exhaustive?: boolean | undefined;
  /** Goes on with a cut-off sweep where nothing it depends on changed. */
  readonly resume?: boolean | undefined;
  /** Shows the last result again where nothing it depends on changed; never with `exhaustive`. */
  readonly reuse?: boolean | undefined;
  /** Seconds that starting up took before this call; they count. */
  readonly alreadySpent?: number | undefined;
  /** What stays free on the device; the device's own default without it. */
  readonly memoryMargin?: MemoryMargin | null | undefined;
  readonly trainer?: TrainerOptions | undefined;
  /** Starts whatever trains; default: a training process of this project's own. */
  readonly startTrainer?: (() => Promise<Result<Trainer>>) | undefined;
  /** Seconds by the clock that the budget is kept by; default: this process's. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: SweepEvent) => void;
  /**
   * Another sweep runs on this machine: true waits for its end (waiting is not counted as spent),
   * false refuses. Default: refuse.
   */
  readonly onBusy?: ((owner: string) => boolean | Promise<boolean>) | undefined;
  /** Called once, for example when a resume starts from the beginning or the log cannot be written. */
  readonly onNote?: ((note: Text) => void) | undefined;
}

export type SweepOutcome =
  | { readonly status: 'done'; readonly result: SweepResult }
  | { readonly status: 'cancelled'; readonly logFile: string | null }
  /** `input`: the config, the data or the model must be corrected; `sweep`: the tune itself failed. */
  | { readonly status: 'failed'; readonly problem: Problem; readonly cause: 'input' | 'sweep' };
