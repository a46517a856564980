import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { choose } from '../../planner/advice/choice';
import { targetMetNote } from '../../planner/advice/notes';
import { fasterRate } from '../../planner/advice/fasterRate';
import type { Objective } from '../../core/sweep/result';
import { timeRatios } from '../../planner/race/timeRatios';
import { makeRun } from '../trial/makeRun';
import { Candidates } from './candidates';
import { trainEqualEpochs } from './equalEpochs';
import { repeatFinalists } from './finals';
import { pilot, pilotOf } from './pilot';
import { partsOfSize } from './partsOfSize';
import { timeColdAgain, type Probe } from './probe';
import { endPilots, race, raceAll, raceAgainstBest, raceSideTrial } from './race';
import { checkLearningRates } from './rateChecks';
import { capabilitiesOf } from '../../protocol/trainer';
import { growthSchedule } from '../../planner/race/growth';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns, turnSeconds } from '../trial/timeInTurns';

const turns = { fewestRounds: 5, mostRounds: 16 };
/** Rounds at the end in which sizes that were only probed are timed. */
const lastTurns = { fewestRounds: 3, mostRounds: 5, seconds: 2 };

/** Trains what the objective needs; returns every trial, the probed ones included. */
export async function train(
  context: SweepContext,
  probed: Probe,
  objective: Objective,
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  if (context.findings.tooSlow) {
    for (const run of probed.runs) await run.finish();
    return bySize(probed.runs);
  }
  if (objective === 'quality' && !context.exhaustive) {
    // How many epochs the budget allows follows from step times.
    const first = pilotOf(context, probed.runs);
    const before = first?.record.stepTime ?? null;
    if (first) await timeColdAgain(context, probed.runs, { run: first, before });
    const extra = await trainEqualEpochs(context, probed, progress);
    return bySize([...probed.runs, ...extra]);
  }
  const pilotBegan = context.clock.spent;
  const candidates = new Candidates(context, probed);
  const first = pilotOf(context, candidates.runs);
  dropMetTarget(context);
  const before = first?.record.stepTime ?? null;
  if (!context.findings.target && first) await pilot(context, candidates, first, progress);
  if (first) await timeColdAgain(context, candidates.runs, { run: first, before });
  await endPilots(context, candidates);
  const extra: TrialRun[] = [];
  if (context.exhaustive) await raceAll(context, candidates, progress);
  else if (!context.findings.target) {
    // Nothing was learned that sizes could be raced to.
    if (objective === 'throughput') await trainFastest(context, candidates, progress);
  } else {
    if (objective === 'throughput') await trainFastest(context, candidates, progress);
    await race(context, candidates, progress);
    // Reasons compare the winner with it.
    const own = candidates.of(context.configuredBatchSize);
    if (own && candidates.best) await raceAgainstBest(context, candidates, own, progress);
    extra.push(...(await repeatFinalists(context, candidates, pilotBegan, progress)));
    const best = winnerOf(context, candidates, extra);
    extra.push(...(await raceAccumulated(context, probed, best, progress)));
    if (best) {
      extra.push(...(await checkLearningRates(context, best, own, progress)));
      extra.push(...(await raceSchedule(context, candidates, best, extra, progress)));
    }
  }
  await timeProbedBesideRaced(context, candidates, progress);
  for (const run of candidates.runs) await run.finish();
  return bySize([...candidates.runs, ...extra]);
}

/**
 * Sizes that were only probed ran while the engine still compiled, those that raced later on: at
 * the end they are timed in turns with one of these, so that one chart may show them together: as
 * many, the fastest steps first, as the fewest rounds have time for. Long steps need it least, for
 * what takes them is the engine's work and was compiled from the start.
 */
async function timeProbedBesideRaced(
  context: SweepContext,
  { runs, best }: Candidates,
  progress: SweepProgress,
): Promise<void> {
  const isTimed = ({ record }: TrialRun) => context.times.of(record.work) !== null;
  const stepOf = ({ record }: TrialRun) => (record.stepTime?.ms ?? Infinity) / 1000;
  let roundSeconds = turnSeconds;
  const probed = runs
    .filter((run) => run.isHeld && !isTimed(run))
    .toSorted((a, b) => stepOf(a) - stepOf(b))
    .filter((run) => {
      roundSeconds += Math.max(turnSeconds, stepOf(run));
      return lastTurns.fewestRounds * roundSeconds <= lastTurns.seconds;
    });
  const raced = best && isTimed(best) ? best : runs.find(isTimed);
  if (probed.length === 0 || !raced) return;
  progress.set(
    { id: 'progressTurns', values: {} },
    Math.min(context.clock.left, lastTurns.seconds),
  );
  await timeInTurns(context, [raced, ...probed], lastTurns);
}

/** A target that is met before training cannot compare sizes: a pilot sets one instead. */
function dropMetTarget({ findings, seed, note }: SweepContext): void {
  const start = findings.startOf(seed);
  const met = findings.target && start !== null ? targetMetNote(findings.target, start) : null;
  if (!met) return;
  note(met);
  findings.dropTarget();
}

/** The fastest, or the smaller of equals, over all seeds raced. */
function winnerOf(
  context: SweepContext,
  candidates: Candidates,
  repeats: readonly TrialRun[],
): TrialRun | null {
  const trials = [...candidates.runs, ...repeats].map(({ record }) => record.toTrial());
  const reached = trials.filter(({ status }) => status === 'ok');
  const choice = choose('time', reached, context);
  return choice?.basis === 'target' ? candidates.of(choice.winner.batchSize) : null;
}

/**
 * Growing batches, where the noise scale rose during training, as one more candidate: at the
 * learning rate that is recommended with the best constant size.
 */
async function raceSchedule(
  context: SweepContext,
  candidates: Candidates,
  best: TrialRun,
  extra: readonly TrialRun[],
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const constant = best.record.toTrial();
  const faster = fasterRate([constant, ...extra.map(({ record }) => record.toTrial())], constant);
  const seconds = faster?.seconds ?? constant.timeToTargetSeconds;
  if (seconds === null || context.clock.left < 3 * seconds) return [];
  const rateFactor = (faster?.trial.learningRate ?? constant.learningRate) / constant.learningRate;
  const all = candidates.runs.map(({ record }) => record);
  const open = all.filter(({ status }) => status === 'ok');
  const { samples } = context.prepared.dataset;
  const secondsPerEpochOf = (batchSize: number) =>
    all
      .find((record) => record.batchSize === batchSize)
      ?.secondsAt(iterationsPerEpoch(samples, batchSize)) ?? Infinity;
  const [longest] = all.toSorted((a, b) => b.noise.length - a.noise.length);
  const noise = longest?.noiseRise;
  if (!noise) return [];
  if (!capabilitiesOf(context.prepared).schedules) return [];
  const schedule = growthSchedule({
    noise,
    batchSize: constant.batchSize,
    epochsToTarget: seconds / Math.max(1e-9, secondsPerEpochOf(constant.batchSize)),
    secondsToTarget: seconds,
    sizes: open.map(({ batchSize }) => batchSize),
    secondsPerEpochOf,
    learningRateOf: (batchSize) => rateFactor * context.learningRateOf(batchSize),
  });
  if (!schedule) return [];
  const run = makeRun(context, 'schedule', { batchSize: constant.batchSize, schedule });
  const capSeconds = timeRatios.lost * seconds;
  await raceSideTrial(context, run, { purpose: 'schedule', capSeconds, rival: best, progress });
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
  const gradientAccumulation = partsOfSize(context, probed, batchSize);
  if (gradientAccumulation === null || clock.left < 0.1 * clock.budgetSeconds) return [];
  const run = makeRun(context, 'accumulated', { batchSize, gradientAccumulation });
  const seconds = best?.record.timeToTarget ?? null;
  const capSeconds = seconds === null ? Infinity : timeRatios.lost * seconds;
  await raceSideTrial(context, run, { purpose: 'accumulated', capSeconds, rival: best, progress });
  return [run];
}

/**
 * Sizes that may have the highest throughput, timed in turns; those within 5% of it are trained to
 * two evaluations, for only those can be recommended.
 */
async function trainFastest(
  context: SweepContext,
  candidates: Candidates,
  progress: SweepProgress,
): Promise<void> {
  const rate = ({ record: { batchSize, stepTime } }: TrialRun) =>
    stepTime ? batchSize / stepTime.ms : 0;
  const all = candidates.runs.filter(({ record }) => record.status === 'ok');
  const highest = Math.max(0, ...all.map(rate));
  const open = all.filter((each) => rate(each) >= 0.85 * highest);
  await timeInTurns(context, open, { ...turns, seconds: 0.1 * context.clock.left });
  const most = Math.max(0, ...open.map(rate));
  for (const run of open.filter((each) => rate(each) >= 0.95 * most)) {
    const { batchSize } = run.record;
    progress.set({ id: 'progressTraining', values: { batchSize } }, null);
    await run.train({
      wallSeconds: context.clock.left / 4,
      reason: ({ points }) => (points.length >= 2 ? 'probed' : null),
    });
  }
}

function bySize(runs: readonly TrialRun[]): readonly TrialRun[] {
  return runs.toSorted((a, b) => a.record.batchSize - b.record.batchSize);
}
