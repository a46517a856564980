import { iterationsPerEpoch } from '../core/arithmetic';
import type { Objective } from '../core/result';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';

/** Kept back for ending trials and the last writes. */
export const reserveSeconds = 0.3;

/** Which runs come first: by objective all train to the target, but `quality` to equal epochs. */
export function trainsEqualEpochs(objective: Objective, exhaustive: boolean): boolean {
  return objective === 'quality' && !exhaustive;
}

/** Trains every size for the same number of epochs: the configured one, or what the budget allows. */
export async function trainEqualEpochs(
  context: SweepContext,
  runs: readonly TrialRun[],
  progress: SweepProgress,
): Promise<void> {
  const open = runs
    .filter(isOpen)
    .sort((a, b) => epochSeconds(context, a) - epochSeconds(context, b));
  const raced = affordable(context, open);
  for (const [index, run] of raced.runs.entries()) {
    run.phase = 'race';
    const { batchSize } = run;
    progress.set({ id: 'progressTraining', values: { batchSize } }, context.clock.left);
    const left = Math.max(0, context.clock.left - reserveSeconds);
    const isLast = index === raced.runs.length - 1;
    await run.train({
      wallSeconds: isLast ? left : left - minimumOf(context, raced.runs.slice(index + 1)),
      reason: ({ epoch, points }) =>
        epoch + 1e-9 >= raced.epochs && points.length >= 2 ? 'epochs' : null,
    });
  }
  for (const run of open) await run.finish();
}

function isOpen(run: TrialRun): boolean {
  return run.status === 'ok' && !run.finished;
}

/** Seconds that trials need at least to be compared: two evaluations each. */
function minimumOf(context: SweepContext, runs: readonly TrialRun[]): number {
  return runs.reduce((total, run) => {
    const { grid } = context;
    const missing = 2 - run.points.length;
    if (missing <= 0) return total;
    let iteration = run.iterations;
    for (let i = 0; i < missing; i++) iteration = grid.nextIteration(run.batchSize, iteration);
    const training = ((iteration - run.iterations) * (run.stepTime?.ms ?? 0)) / 1000;
    return total + training + missing * evaluationSecondsOf(run);
  }, 0);
}

function evaluationSecondsOf(run: TrialRun): number {
  return run.evaluations > 0 ? run.evaluationSeconds / run.evaluations : 0;
}

function epochSeconds({ prepared }: SweepContext, run: TrialRun): number {
  const updates = iterationsPerEpoch(prepared.dataset.samples, run.batchSize);
  return (updates * (run.stepTime?.ms ?? 0)) / 1000 + 2 * evaluationSecondsOf(run);
}

/** The slowest sizes give way until all others can train the same epochs: configured, or at least two. */
function affordable(
  context: SweepContext,
  byEpochSeconds: readonly TrialRun[],
): { runs: readonly TrialRun[]; epochs: number } {
  const runs = [...byEpochSeconds];
  const left = 0.9 * Math.max(0, context.clock.left - reserveSeconds);
  for (;;) {
    const each = runs.reduce((total, run) => total + epochSeconds(context, run), 0);
    const epochs = Math.min(context.epochs, Math.floor(each > 0 ? left / each : 1));
    if (epochs >= Math.min(2, context.epochs) || runs.length <= 2) {
      return { runs, epochs: Math.max(1, epochs) };
    }
    runs.pop();
  }
}
