import { nearestRung } from '../../core/batches/ladder';
import { predictedBytes, stepMsOf } from '../../core/sweep/readings';
import { fitMemory, largestThatFits } from '../../planner/measure/memoryModel';
import type { MemoryModel, StepFit } from '../../core/sweep/result';
import { fitStepTimes, isPrecise, type StepTime } from '../../planner/measure/stepTimeFit';
import { StepTimes } from '../context/stepTimes';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import { makeRun } from '../trial/trialPurpose';
import { isHeavy, timeInTurns } from '../trial/timeInTurns';
import type { TrialRun } from '../trial/trialRun';

/** Why the climb ended: at the list's or the data set's end, or before it. */
export type ProbeStop = 'dataset' | 'list' | 'memory' | 'saturated' | 'budget';

export interface Probe {
  readonly runs: readonly TrialRun[];
  readonly stopReason: ProbeStop;
  readonly stepFit: StepFit | null;
  readonly memoryModel: MemoryModel | null;
  /** The rungs that a saturated climb left out, smallest first. */
  readonly rungsAbove: readonly number[];
}

export interface ProbePlan {
  readonly ladder: readonly number[];
  readonly isList: boolean;
}

/** Share of the budget that the climb may take, and the most any one size needs of it. */
const climbShare = 0.12;
const mostSecondsPerSize = 0.3;
/** The first size trains so long, or so many updates, before any is timed. */
const warmUp = { iterations: 1000, seconds: 0.6, share: 0.01 };
/** Updates that show whether a size fits: memory is at its peak from the second on. */
const provingIterations = 3;
/** A machine that is busy with something else scatters: such a size gets so many times as much. */
const roughFactor = 3;
const roughShare = 0.15;
/** Steps between two looks at the clock, where a step is not longer: short blocks make many. */
const blockSeconds = 0.025;
/** An evaluation is run at every size that holds more than this share of the limit. */
const closeToLimit = 0.5;
/** Two doublings must gain this share of throughput, or the device is saturated. */
const saturationGain = 0.05;
/** Share of the budget for timing every size in turns, where that decides. */
const turnsShare = 0.15;
const rounds = { fewestRounds: 5, mostRounds: 24 };
const saturationTurns = { fewestRounds: 3, mostRounds: 6, seconds: 1 };
/** Rounds in which a fresh process warms up, and those that count. */
const warmUpTurns = { fewestRounds: 3, mostRounds: 6, seconds: 0.6, isAlone: true };
const warmTurns = { fewestRounds: 3, mostRounds: 6, seconds: 1.5, isAlone: true };
/** The largest size that fits is found to within this share of it. */
const provenWithin = 1 / 64;
const mostProofs = 8;

/**
 * Climbs the ladder from the smallest size: step time, peak memory and both fits. Stops where memory
 * would not suffice, and finds the largest size that fits by running it.
 */
export async function probe(
  context: SweepContext,
  plan: ProbePlan,
  progress: SweepProgress,
): Promise<Probe> {
  const runs: TrialRun[] = [];
  let stopReason: ProbeStop = plan.isList ? 'list' : 'dataset';
  let tooLarge: number | null = null;
  const seconds = Math.min(
    (climbShare * context.clock.left) / plan.ladder.length,
    mostSecondsPerSize,
  );
  for (const batchSize of plan.ladder) {
    const memory = memoryOf(runs);
    const { limitBytes } = context;
    if (memory && limitBytes !== null && runs.length >= 3) {
      if (predictedBytes(memory, batchSize) > 1.05 * limitBytes) {
        [stopReason, tooLarge] = ['memory', batchSize];
        break;
      }
    }
    if (tooSlow(context, runs, batchSize)) {
      stopReason = 'budget';
      break;
    }
    progress.set({ id: 'progressProbing', values: { batchSize } }, context.clock.left);
    const run = makeRun(context, 'race', { batchSize });
    runs.push(run);
    if (runs.length === 1 && !isMeasured(run)) {
      const { iterations, seconds: most, share } = warmUp;
      await run.trainUntimed(iterations, Math.min(most, share * context.clock.left));
    }
    await measure(context, run, seconds, plan.ladder.length);
    if (run.status === 'out-of-memory') {
      [stopReason, tooLarge] = ['memory', batchSize];
      break;
    }
    if (!plan.isList && (await isSaturated(context, runs, plan.ladder))) {
      stopReason = 'saturated';
      break;
    }
  }
  if (tooLarge !== null && !plan.isList) {
    runs.push(...(await proveLargest(context, runs, tooLarge, progress)));
  }
  if (context.exhaustive) await timeAll(context, runs.filter(isOpen), progress);
  const climbed = Math.max(0, ...runs.map(({ batchSize }) => batchSize));
  return {
    rungsAbove: stopReason === 'saturated' ? plan.ladder.filter((rung) => rung > climbed) : [],
    runs: [...runs].sort((a, b) => a.batchSize - b.batchSize),
    stopReason,
    stepFit: stepFitOf(runs),
    memoryModel: memoryModelOf(runs, context.limitBytes),
  };
}

/** The ground truth compares every size: all are timed in turns. */
async function timeAll(
  context: SweepContext,
  runs: readonly TrialRun[],
  progress: SweepProgress,
): Promise<void> {
  progress.set({ id: 'progressTurns', values: {} }, context.clock.left);
  await timeInTurns(context, runs, {
    ...rounds,
    seconds: Math.min(turnsShare * context.clock.left, 0.7 * runs.length),
  });
}

/** Measures a rung that a saturated climb left out. */
export async function probeAbove(context: SweepContext, batchSize: number): Promise<TrialRun> {
  const run = makeRun(context, 'race', { batchSize });
  await measure(context, run, mostSecondsPerSize, 1);
  return run;
}

/**
 * True when the last two doublings together gained under 5% throughput. They are timed in turns
 * before that is believed: a spike of load looks the same. Never below the configured size, which
 * the pilot needs, nor in an exhaustive sweep.
 */
async function isSaturated(
  context: SweepContext,
  runs: readonly TrialRun[],
  ladder: readonly number[],
): Promise<boolean> {
  const [first, , last] = runs.slice(-3);
  if (context.exhaustive || !first || !last || last.batchSize !== 4 * first.batchSize) return false;
  if (last.batchSize < (nearestRung(ladder, context.configuredBatchSize) ?? 0)) return false;
  const gains = (before: StepTime | null, after: StepTime | null) =>
    !before ||
    !after ||
    last.batchSize / after.ms >= (1 + saturationGain) * (first.batchSize / before.ms);
  if (gains(first.stepTime, last.stepTime)) return false;
  // Times of their own: those by which racers are compared are taken beside the best.
  const times = new StepTimes();
  await timeInTurns(context, [first, last], saturationTurns, times);
  return !gains(times.of(first.work), times.of(last.work));
}

function isOpen(run: TrialRun): boolean {
  return run.status === 'ok' && !run.finished;
}

/** Fits over what ran; sizes that were stopped for a fault count where they measured anything. */
export function memoryModelOf(
  runs: readonly TrialRun[],
  limitBytes: number | null,
): MemoryModel | null {
  const lines = memoryOf(runs);
  const largest = runs
    .filter(fits)
    .reduce<number | null>((most, { batchSize }) => Math.max(most ?? 0, batchSize), null);
  return lines && { ...lines, limitBytes, largestBatchSize: largest };
}

export function stepFitOf(runs: readonly TrialRun[]): StepFit | null {
  return fitStepTimes(
    plainOf(runs).flatMap(({ batchSize, stepTime }) =>
      stepTime === null ? [] : [{ batchSize, stepMs: stepTime.ms }],
    ),
  );
}

/** One trial a size, without accumulation or a schedule: the first. */
function plainOf(runs: readonly TrialRun[]): readonly TrialRun[] {
  const plain = runs.filter((run) => run.gradientAccumulation === 1 && !run.schedule);
  return [...new Map(plain.toReversed().map((run) => [run.batchSize, run])).values()].reverse();
}

/** Measured and not out of memory: a diverged trial fits, too. */
function fits({ status, peakBytes }: TrialRun): boolean {
  return peakBytes !== null && status !== 'out-of-memory' && status !== 'failed';
}

function memoryOf(runs: readonly TrialRun[]) {
  return fitMemory(
    plainOf(runs).flatMap((run) =>
      fits(run) && run.peakBytes !== null
        ? [{ batchSize: run.batchSize, peakBytes: run.peakBytes }]
        : [],
    ),
  );
}

/** Measures one size; a trial that turned out well rests until the race. */
async function measure(
  context: SweepContext,
  run: TrialRun,
  seconds: number,
  sizes: number,
): Promise<void> {
  if (isMeasured(run)) return;
  const begun = context.clock.spent;
  await run.train({
    wallSeconds: Infinity,
    reason: ({ stepTime, timedBlocks }) => {
      if (stepTime === null) return null;
      // Enough for the fits and for what to race; whoever races is timed all along.
      const precise = timedBlocks >= 3 && isPrecise(stepTime);
      const rough = timedBlocks < 2 || !isPrecise(stepTime, roughShare);
      const allowed = rough ? roughFactor * seconds : seconds;
      return precise || context.clock.spent - begun >= allowed ? 'probed' : null;
    },
    isProbe: true,
    sliceSeconds: blockSeconds,
  });
  await rest(context, run, sizes);
}

function isMeasured(run: TrialRun): boolean {
  return run.finished || run.probed;
}

/** Counts the memory of an evaluation too, and ends a trial that did not turn out well. */
async function rest(context: SweepContext, run: TrialRun, sizes: number): Promise<void> {
  const { limitBytes } = context;
  const isClose = limitBytes !== null && (run.peakBytes ?? 0) > closeToLimit * limitBytes;
  await run.countEvaluation(isClose);
  if (run.status !== 'ok') await run.finish();
  else if (isHeavy(context, run, sizes)) {
    await run.completeCurve();
    await run.release();
  }
}

/** A size whose few steps alone would use up what the sweep has left is not begun. */
function tooSlow({ clock }: SweepContext, runs: readonly TrialRun[], batchSize: number): boolean {
  const fit = stepFitOf(runs);
  if (fit) return (4 * stepMsOf(fit, batchSize)) / 1000 > 0.25 * clock.left;
  return runs.length > 0 && clock.left < 0.1 * clock.budgetSeconds;
}

/**
 * Brackets the largest size between one that ran and one that does not fit, and halves the bracket
 * by running sizes in it, each in a fresh process; the memory model says where to begin. Returns
 * the trials made, of which only the largest that fits goes on to the race.
 */
async function proveLargest(
  context: SweepContext,
  climbed: readonly TrialRun[],
  tooLarge: number,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const proofs: TrialRun[] = [];
  const largestOf = (runs: readonly TrialRun[]) =>
    runs
      .filter(fits)
      .reduce<TrialRun | null>((a, b) => (a && a.batchSize > b.batchSize ? a : b), null);
  let low = largestOf(climbed)?.batchSize ?? 0;
  let high = tooLarge;
  // Their weights go with the process.
  for (const run of climbed) await run.completeCurve();
  const isOpen = () => low > 0 && high - low > Math.max(1, low * provenWithin);
  while (isOpen() && proofs.length < mostProofs) {
    if (context.clock.left < 0.5 * context.clock.budgetSeconds) break;
    const batchSize = nextProof(context, [...climbed, ...proofs], low, high, proofs.length);
    progress.set({ id: 'progressProving', values: { batchSize } }, context.clock.left);
    await context.trainer.discard();
    const run = makeRun(context, 'race', { batchSize });
    proofs.push(run);
    if (!isMeasured(run)) {
      await run.trainUntimed(provingIterations, Infinity);
      await rest(context, run, 1);
    }
    await run.completeCurve();
    if (run.status === 'out-of-memory') high = batchSize;
    else if (fits(run)) low = batchSize;
    else break;
  }
  const [below, largest] = [largestOf(climbed), largestOf(proofs)];
  for (const proof of proofs) if (proof !== largest) await proof.finish();
  if (below && largest) await timeWarm(context, below, largest);
  return proofs;
}

/**
 * A size that was proven in a fresh process was timed in its first steps, which are many times
 * slower: it is timed again beside one that was not, after turns that only warm the process up. It
 * leaves no room for another trial on the device.
 */
async function timeWarm(context: SweepContext, below: TrialRun, largest: TrialRun): Promise<void> {
  await timeInTurns(context, [below, largest], warmUpTurns, new StepTimes());
  await timeInTurns(context, [below, largest], warmTurns);
}

function nextProof(
  context: SweepContext,
  runs: readonly TrialRun[],
  low: number,
  high: number,
  proof: number,
): number {
  const memory = memoryOf(runs);
  const middle = Math.floor((low + high) / 2);
  if (!memory || context.limitBytes === null || proof > 3) return middle;
  const predicted = largestThatFits(memory, context.limitBytes);
  // Just below the prediction first; once that is proven, just above it closes the bracket.
  const above = Math.max(low + 1, Math.floor(low * (1 + provenWithin)));
  const wanted = predicted <= low ? above : predicted;
  return wanted > low && wanted < high ? wanted : middle;
}
