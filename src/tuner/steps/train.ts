import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { choose } from '../../planner/advice/choice';
import { fasterRate } from '../../planner/advice/fasterRate';
import type { Objective } from '../../core/sweep/result';
import { lossFactor } from '../../planner/race/racePlan';
import { partsOf } from '../accumulation';
import { makeRun } from '../trial/trialPurpose';
import { checkLearningRates, follow, repeatFinalists } from './checks';
import { trainEqualEpochs } from './equalEpochs';
import { pilot, pilotOf } from './pilot';
import type { Probe } from './probe';
import { endPilots, Field, race, raceAll, raceBest } from './race';
import { growthSchedule } from '../../planner/race/growth';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns } from '../trial/timeInTurns';

const turns = { fewestRounds: 5, mostRounds: 16 };

/** Trains what the objective needs; returns every trial, the probed ones included. */
export async function train(
  context: SweepContext,
  probed: Probe,
  objective: Objective,
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  if (objective === 'quality' && !context.exhaustive) {
    const extra = await trainEqualEpochs(context, probed, progress);
    return [...probed.runs, ...extra].sort((a, b) => a.batchSize - b.batchSize);
  }
  const begun = context.clock.spent;
  const field = new Field(context, probed);
  const first = pilotOf(context, field.runs);
  if (!context.target && first) await pilot(context, field, first, progress);
  await endPilots(context, field);
  const extra: TrialRun[] = [];
  if (context.exhaustive) await raceAll(context, field, progress);
  else {
    if (objective === 'throughput') await trainFastest(context, field, progress);
    await race(context, field, progress);
    // The order of all others is told against it.
    const own = field.of(context.configuredBatchSize);
    if (own && field.best) await raceBest(context, field, own, progress);
    extra.push(...(await repeatFinalists(context, field, begun, progress)));
    const best = winnerOf(context, field, extra);
    extra.push(...(await raceAccumulated(context, probed, best, progress)));
    if (best) {
      extra.push(...(await checkLearningRates(context, best, own, progress)));
      extra.push(...(await raceSchedule(context, field, best, extra, progress)));
    }
  }
  for (const run of field.runs) await run.finish();
  return [...field.runs, ...extra].sort((a, b) => a.batchSize - b.batchSize);
}

/** The fastest, or the smaller of equals, over all seeds raced. */
function winnerOf(
  context: SweepContext,
  field: Field,
  repeats: readonly TrialRun[],
): TrialRun | null {
  const trials = [...field.runs, ...repeats].map((run) => run.toTrial());
  const reached = trials.filter(({ status }) => status === 'ok');
  const choice = choose('time', reached, context);
  return choice?.basis === 'target' ? field.of(choice.winner.batchSize) : null;
}

/**
 * Growing batches, where the noise scale rose during training, as one more candidate: at the
 * learning rate that is recommended with the best constant size.
 */
async function raceSchedule(
  context: SweepContext,
  field: Field,
  best: TrialRun,
  extra: readonly TrialRun[],
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const constant = best.toTrial();
  const faster = fasterRate([constant, ...extra.map((run) => run.toTrial())], constant);
  const seconds = faster?.seconds ?? best.timeToTarget;
  if (seconds === null || context.clock.left < 3 * seconds) return [];
  const rateFactor = (faster?.trial.learningRate ?? best.learningRate) / best.learningRate;
  const open = field.runs.filter(({ status }) => status === 'ok');
  const { samples } = context.prepared.dataset;
  const secondsPerEpoch = (run: TrialRun | null) =>
    run ? run.secondsAt(iterationsPerEpoch(samples, run.batchSize)) : Infinity;
  const [longest] = field.runs.toSorted((a, b) => b.noise.length - a.noise.length);
  const noise = longest?.noiseRise;
  if (!noise) return [];
  const schedule = growthSchedule({
    noise,
    batchSize: best.batchSize,
    epochsToTarget: seconds / Math.max(1e-9, secondsPerEpoch(best)),
    secondsToTarget: seconds,
    sizes: open.map(({ batchSize }) => batchSize),
    secondsPerEpochOf: (batchSize) => secondsPerEpoch(field.of(batchSize)),
    learningRateOf: (batchSize) => rateFactor * context.learningRateOf(batchSize),
  });
  if (!schedule) return [];
  const run = makeRun(context, 'schedule', { batchSize: best.batchSize, schedule });
  await follow(context, run, { capSeconds: lossFactor * seconds, against: best, progress });
  return [run];
}

/**
 * The configured size where it does not fit: computed in parts that do, for as long as it may still
 * win. A size that was stopped for another reason than memory is left alone.
 */
async function raceAccumulated(
  context: SweepContext,
  probed: Probe,
  best: TrialRun | null,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const { configuredBatchSize: batchSize, clock } = context;
  const gradientAccumulation = partsOf(context, probed, batchSize);
  if (gradientAccumulation === null || clock.left < 0.1 * clock.budgetSeconds) return [];
  const run = makeRun(context, 'accumulated', { batchSize, gradientAccumulation });
  const seconds = best?.timeToTarget ?? null;
  const capSeconds = seconds === null ? Infinity : lossFactor * seconds;
  await follow(context, run, { capSeconds, against: best, progress });
  return [run];
}

/**
 * Sizes that may have the highest throughput, timed in turns; those within 5% of it are trained to
 * two evaluations, for only those can be recommended.
 */
async function trainFastest(
  context: SweepContext,
  field: Field,
  progress: SweepProgress,
): Promise<void> {
  const rate = (run: TrialRun) => (run.stepTime ? run.batchSize / run.stepTime.ms : 0);
  const all = field.runs.filter(({ status }) => status === 'ok');
  const highest = Math.max(0, ...all.map(rate));
  const open = all.filter((each) => rate(each) >= 0.85 * highest);
  await timeInTurns(context, open, { ...turns, seconds: 0.1 * context.clock.left });
  const most = Math.max(0, ...open.map(rate));
  for (const run of open.filter((each) => rate(each) >= 0.95 * most)) {
    const { batchSize } = run;
    progress.set({ id: 'progressTraining', values: { batchSize } }, context.clock.left);
    await run.train({
      wallSeconds: context.clock.left / 4,
      reason: ({ points }) => (points.length >= 2 ? 'probed' : null),
    });
  }
}
