import type { TrialRun } from './trialRun';

/** How long a trial goes on. */
export interface StopRule {
  /** Wall-clock it may take from now on. */
  readonly wallSeconds: number;
  /** Why it should stop now, asked after every piece of work; null goes on. */
  readonly reason: (run: TrialRun) => string | null;
  /** Called after every evaluation. */
  readonly onPoint?: (run: TrialRun) => Promise<void>;
  /** Longest piece of work between two questions; a block of steps is no longer than that. */
  readonly sliceSeconds?: number;
  /** Whether to evaluate where the grid has it; left out, it always does. */
  readonly evaluates?: (run: TrialRun) => boolean;
  /** Only to measure: nothing is evaluated. */
  readonly isProbe?: boolean;
}
