import type { StopReason } from '../../core/sweep/result';
import { choose } from '../../planner/advice/choice';
import {
  affordableEpochs,
  epochSeconds,
  leastSeconds,
  type Entrant,
  type EpochsBudget,
} from '../../planner/race/equalEpochsPlan';
import { makeRun } from '../trial/makeRun';
import { partsOfSize } from './partsOfSize';
import type { Probe } from './probe';
import { reserveSeconds, type SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialFacts } from '../trial/trialRecord';
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
  const parts = partsOfSize(context, probed, context.configuredBatchSize);
  const open = probed.runs.filter(({ record }) => record.status === 'ok' && !record.finished);
  const { entrants, epochs } = affordableEpochs(
    open.map((run) => ({ ...entrantOf(run.record), run })),
    parts === null ? 0 : 1,
    budgetOf(context),
  );
  const runs = entrants.map(({ run }) => run);
  for (const [index, run] of runs.entries()) {
    const { batchSize } = run.record;
    progress.set({ id: 'progressTraining', values: { batchSize } }, null);
    const left = secondsLeft(context);
    const isLast = index === runs.length - 1 && parts === null;
    const others = runs.slice(index + 1).map(({ record }) => entrantOf(record));
    const { evaluationSeconds } = context.findings;
    await run.train({
      purpose: 'race',
      wallSeconds: isLast ? left : left - leastSeconds(others, context.grid, evaluationSeconds),
      reason: whenTrained(epochs),
    });
  }
  for (const run of open) await run.finish();
  return trainInParts(context, probed, { runs, epochs }, progress);
}

async function trainInParts(
  context: SweepContext,
  probed: Probe,
  raced: { readonly runs: readonly TrialRun[]; readonly epochs: number },
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  const trials = raced.runs.map(({ record }) => record.toTrial());
  const best = choose('quality', trials, context)?.winner.batchSize ?? 0;
  const largest = probed.memoryModel?.largestBatchSize ?? 0;
  const next = Math.min(2 * largest, context.prepared.dataset.samples);
  const wanted = new Set([context.configuredBatchSize, ...(best === largest ? [next] : [])]);
  const runs: TrialRun[] = [];
  for (const batchSize of wanted) {
    const gradientAccumulation = partsOfSize(context, probed, batchSize);
    const budget = budgetOf(context);
    const slowest = Math.max(
      0,
      ...raced.runs.map(({ record }) => epochSeconds(entrantOf(record), budget)),
    );
    const left = context.clock.left - reserveSeconds;
    // If it were cut short, it could not be compared.
    if (gradientAccumulation === null || left < raced.epochs * slowest) continue;
    const run = makeRun(context, 'accumulated', { batchSize, gradientAccumulation });
    runs.push(run);
    progress.set({ id: 'progressTraining', values: { batchSize } }, null);
    await run.train({ wallSeconds: left, reason: whenTrained(raced.epochs) });
    await run.finish();
  }
  return runs;
}

function whenTrained(epochs: number): (trial: TrialFacts) => StopReason | null {
  return ({ epoch, points }) => (epoch + 1e-9 >= epochs && points.length >= 2 ? 'epochs' : null);
}

function secondsLeft({ clock }: SweepContext): number {
  return Math.max(0, clock.left - reserveSeconds);
}

function budgetOf(context: SweepContext): EpochsBudget {
  return {
    secondsLeft: secondsLeft(context),
    epochs: context.epochs,
    samples: context.prepared.dataset.samples,
    evaluationSeconds: context.findings.evaluationSeconds,
  };
}

function entrantOf({ batchSize, stepTime, iterations, points }: TrialFacts): Entrant {
  const stepSeconds = (stepTime?.ms ?? 0) / 1000;
  return { batchSize, stepSeconds, iterations, evaluations: points.length };
}
