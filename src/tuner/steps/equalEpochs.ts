import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { choose } from '../../planner/advice/choice';
import { partsOf } from '../accumulation';
import { makeRun } from '../trial/trialPurpose';
import type { Probe } from './probe';
import { reserveSeconds, type SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';

/**
 * Trains every size for the same number of epochs: the configured one, or what the budget allows.
 * Sizes that do not fit are computed in parts where the configured one is among them, or where the
 * largest that fits was the best. Returns those trials.
 */
export async function trainEqualEpochs(
  context: SweepContext,
  probed: Probe,
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  const parts = partsOf(context, probed, context.configuredBatchSize);
  const open = probed.runs
    .filter(isOpen)
    .sort((a, b) => epochSeconds(context, a) - epochSeconds(context, b));
  const raced = affordable(context, open, parts === null ? 0 : 1);
  for (const [index, run] of raced.runs.entries()) {
    run.phase = 'race';
    const { batchSize } = run;
    progress.set({ id: 'progressTraining', values: { batchSize } }, context.clock.left);
    const left = Math.max(0, context.clock.left - reserveSeconds);
    const isLast = index === raced.runs.length - 1 && parts === null;
    await run.train({
      wallSeconds: isLast ? left : left - minimumOf(context, raced.runs.slice(index + 1)),
      reason: whenTrained(raced.epochs),
    });
  }
  for (const run of open) await run.finish();
  return trainInParts(context, probed, raced, progress);
}

async function trainInParts(
  context: SweepContext,
  probed: Probe,
  raced: { readonly runs: readonly TrialRun[]; readonly epochs: number },
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  const trials = raced.runs.map((run) => run.toTrial());
  const best = choose('quality', trials, context)?.winner.batchSize ?? 0;
  const largest = probed.memoryModel?.largestBatchSize ?? 0;
  const next = Math.min(2 * largest, context.prepared.dataset.samples);
  const wanted = new Set([context.configuredBatchSize, ...(best === largest ? [next] : [])]);
  const runs: TrialRun[] = [];
  for (const batchSize of wanted) {
    const gradientAccumulation = partsOf(context, probed, batchSize);
    const slowest = Math.max(0, ...raced.runs.map((run) => epochSeconds(context, run)));
    const left = context.clock.left - reserveSeconds;
    // Cut short it could be compared with nobody.
    if (gradientAccumulation === null || left < raced.epochs * slowest) continue;
    const run = makeRun(context, 'accumulated', { batchSize, gradientAccumulation });
    runs.push(run);
    run.phase = 'race';
    progress.set({ id: 'progressTraining', values: { batchSize } }, left);
    await run.train({ wallSeconds: left, reason: whenTrained(raced.epochs) });
    await run.finish();
  }
  return runs;
}

function whenTrained(epochs: number): (run: TrialRun) => string | null {
  return ({ epoch, points }) => (epoch + 1e-9 >= epochs && points.length >= 2 ? 'epochs' : null);
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
    return total + training + missing * context.evaluationSeconds;
  }, 0);
}

function epochSeconds({ prepared, evaluationSeconds }: SweepContext, run: TrialRun): number {
  const updates = iterationsPerEpoch(prepared.dataset.samples, run.batchSize);
  return (updates * (run.stepTime?.ms ?? 0)) / 1000 + 2 * evaluationSeconds;
}

/**
 * The slowest sizes give way until all others can train the same epochs: configured, or at least
 * two. So many `others` are trained besides, each about as long as the slowest.
 */
function affordable(
  context: SweepContext,
  byEpochSeconds: readonly TrialRun[],
  others: number,
): { runs: readonly TrialRun[]; epochs: number } {
  const runs = [...byEpochSeconds];
  const left = 0.9 * Math.max(0, context.clock.left - reserveSeconds);
  for (;;) {
    const seconds = runs.map((run) => epochSeconds(context, run));
    const each = seconds.reduce((total, own) => total + own, others * Math.max(0, ...seconds));
    const epochs = Math.min(context.epochs, Math.floor(each > 0 ? left / each : 1));
    if (epochs >= Math.min(2, context.epochs) || runs.length <= 2) {
      return { runs, epochs: Math.max(1, epochs) };
    }
    runs.pop();
  }
}
