import { nearestRung } from '../../core/batches/ladder';
import { predictedBytes } from '../../core/sweep/readings';
import {
  climbShare,
  firstOfEachSize,
  foreseenStepMs,
  gainsThroughput,
  isBracketOpen,
  isForeseen,
  isTooSlow,
  nextProof,
  type ClimbState,
} from '../../planner/measure/climbPlan';
import type { MemoryModel, Objective, ProbeStop, StepFit } from '../../core/sweep/result';
import {
  estimateStepTime,
  isPrecise,
  type StepTime,
  type TimedBlock,
} from '../../planner/measure/stepTimeFit';
import { firstLook } from './firstLook';
import { fits, largestOf, memoryModelOf, memoryOf, recordsOf, stepFitOf } from './probeFits';
import { StepTimes } from '../context/stepTimes';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import { makeRun } from '../trial/makeRun';
import { noiseMeter, type NoiseMeter } from '../trial/noiseMeter';
import { isHeavy, timeInTurns } from '../trial/timeInTurns';
import type { TrialFacts } from '../trial/trialRecord';
import type { TrialRun } from '../trial/trialRun';

export interface Probe {
  readonly runs: readonly TrialRun[];
  readonly stopReason: ProbeStop;
  readonly stepFit: StepFit | null;
  readonly memoryModel: MemoryModel | null;
  /** The rungs that a saturated climb left out, smallest first. */
  readonly rungsAbove: readonly number[];
  /** One for the whole sweep, for what it may take is a share of that. */
  readonly noise: NoiseMeter;
}

export interface ProbePlan {
  readonly ladder: readonly number[];
  readonly isList: boolean;
  readonly objective: Objective;
}

/** Most that any one size needs of the climb's share of the budget. */
const mostSecondsPerSize = 0.3;
/**
 * The first size trains until it no longer gets faster, before any is timed: at least and at most so
 * many seconds, and of the budget.
 */
const warmUpTime = { least: { seconds: 0.6, share: 0.005 }, most: { seconds: 5, share: 0.04 } };
/** Turns in which a size is timed once more, and the share by which it must be faster to be believed. */
const turnsToCompare = 3;
const fasterBy = 0.1;
/** Updates that show whether a size fits: memory is at its peak from the second on. */
const provingIterations = 3;
/** A machine that is busy with something else scatters: such a size gets so many times as much. */
const roughFactor = 3;
const roughShare = 0.15;
/** Steps between two looks at the clock, where a step is not longer: short blocks make many. */
const blockSeconds = 0.025;
/** An evaluation is run at every size that holds more than this share of the limit. */
const closeToLimit = 0.5;
/** Share of the budget for timing every size in turns, where that decides. */
const turnsShare = 0.15;
const rounds = { fewestRounds: 5, mostRounds: 24 };
const saturationTurns = { fewestRounds: 3, mostRounds: 6, seconds: 1 };
/** Rounds in which a fresh process warms up, and those that count. */
const warmUpTurns = { fewestRounds: 3, mostRounds: 6, seconds: 0.6, isAlone: true };
const warmTurns = { fewestRounds: 3, mostRounds: 6, seconds: 1.5, isAlone: true };
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
  const noise = noiseMeter(context);
  const { runs, stopReason, tooLarge } = await climb(context, plan, noise, progress);
  if (tooLarge !== null && !plan.isList) {
    runs.push(...(await proveLargest(context, runs, tooLarge, progress)));
  }
  if (context.exhaustive) await timeAll(context, runs.filter(isOpen), progress);
  const climbed = Math.max(0, ...runs.map(({ record }) => record.batchSize));
  return {
    rungsAbove: stopReason === 'saturated' ? plan.ladder.filter((rung) => rung > climbed) : [],
    runs: runs.toSorted((a, b) => a.record.batchSize - b.record.batchSize),
    stopReason,
    stepFit: stepFitOf(runs),
    memoryModel: memoryModelOf(runs, context.limitBytes),
    noise,
  };
}

/** Times the sizes of the ladder, the smallest first; `tooLarge` is the first that does not fit. */
async function climb(
  context: SweepContext,
  plan: ProbePlan,
  noise: NoiseMeter,
  progress: SweepProgress,
): Promise<{ runs: TrialRun[]; stopReason: ProbeStop; tooLarge: number | null }> {
  const runs: TrialRun[] = [];
  let stopReason: ProbeStop = plan.isList ? 'list' : 'dataset';
  let tooLarge: number | null = null;
  const begun = comparesByTime(plan.objective)
    ? await firstLook(context, plan.ladder, progress)
    : [];
  const first = await warmUp(context, plan.ladder, { begun, noise }, progress);
  const seconds = secondsPerSize(context, plan.ladder.length);
  for (const batchSize of plan.ladder) {
    const memory = memoryOf(runs);
    const { limitBytes } = context;
    if (memory && limitBytes !== null && runs.length >= 3) {
      if (predictedBytes(memory, batchSize) > 1.05 * limitBytes) {
        [stopReason, tooLarge] = ['memory', batchSize];
        break;
      }
    }
    if (isTooSlow(batchSize, climbStateOf(context, runs))) {
      stopReason = 'budget';
      break;
    }
    progress.set({ id: 'progressProbing', values: { batchSize } }, null);
    const run = runOf([...begun, first], batchSize) ?? makeRun(context, 'probe', { batchSize });
    const foreseenMs = foreseenStepMs(firstOfEachSize(recordsOf(runs)), batchSize);
    runs.push(run);
    await measure(context, run, seconds, plan.ladder.length, foreseenMs);
    if (run.record.status === 'out-of-memory') {
      [stopReason, tooLarge] = ['memory', batchSize];
      break;
    }
    if (!plan.isList && (await isSaturated(context, runs, plan.ladder))) {
      stopReason = 'saturated';
      break;
    }
  }
  // The climb ended below them.
  for (const run of new Set([...begun, ...(first ? [first] : [])])) {
    if (runs.includes(run)) continue;
    await measure(context, run, seconds, plan.ladder.length);
    runs.push(run);
  }
  return { runs, stopReason, tooLarge };
}

/** Whether sizes are compared by their seconds to a target. */
function comparesByTime(objective: Objective): boolean {
  return objective === 'time' || objective === 'memory';
}

function runOf(runs: readonly (TrialRun | null)[], batchSize: number): TrialRun | null {
  return runs.find((run) => run?.record.batchSize === batchSize) ?? null;
}

/**
 * Trains the size that pilots until its steps no longer get faster: engines compile what they run
 * often. It is evaluated as it trains, and its noise measured early, where that does not drown the
 * gradient, so that none of this is lost to the pilot. A trainer that cannot pause it while others
 * are measured warms up with the smallest size. Null where an earlier sweep has measured it, and
 * where sizes are only measured.
 */
async function warmUp(
  context: SweepContext,
  ladder: readonly number[],
  { begun, noise }: { readonly begun: readonly TrialRun[]; readonly noise: NoiseMeter },
  progress: SweepProgress,
): Promise<TrialRun | null> {
  const { configuredBatchSize, clock, prepared, findings } = context;
  // A larger size takes no less than one that did not come to an end.
  if (findings.tooSlow || begun.some(({ record }) => record.isSilent)) return null;
  const pauses = capabilitiesOf(prepared).pauses > ladder.length;
  const [smallest = null] = ladder;
  const batchSize = pauses ? nearestRung(ladder, configuredBatchSize) : smallest;
  if (batchSize === null) return null;
  progress.set({ id: 'progressProbing', values: { batchSize } }, null);
  const run = runOf(begun, batchSize) ?? makeRun(context, 'probe', { batchSize });
  if (isMeasured(run)) return null;
  const [least, most] = [warmUpTime.least, warmUpTime.most].map(({ seconds, share }) =>
    Math.min(seconds, share * clock.left),
  );
  await run.warmUp(least ?? 0, most ?? 0, pauses ? noise.onPoint : null);
  return run;
}

/** A run, and its step time as the climb had it. */
interface EarlyTiming {
  readonly run: TrialRun;
  readonly before: StepTime | null;
}

/**
 * Times the sizes that were only probed once more, where one that was timed before them has become
 * clearly faster since: the engine was still compiling while they were timed. No plateau of a
 * compiler shows that it is the last. They go in the order in which they were timed before,
 * up to the first that was warm then: those that followed it were, too.
 */
export async function timeColdAgain(
  context: SweepContext,
  runs: readonly TrialRun[],
  { run, before }: EarlyTiming,
): Promise<void> {
  const blocks: TimedBlock[] = [];
  for (let turn = 0; turn < turnsToCompare; turn++) {
    blocks.push(...((await run.timeTurn(blockSeconds)) ?? []));
  }
  if (!hasBecomeFaster(before, estimateStepTime(blocks))) return;
  const probed = runs.filter((each) => isOpen(each) && each.record.purpose === 'probe');
  for (const each of probed) {
    const { stepTime } = each.record;
    each.forgetTiming();
    await measure(context, each, secondsPerSize(context, probed.length), probed.length);
    // What the first was timed with just now counts already.
    if (each !== run && !hasBecomeFaster(stepTime, each.record.stepTime)) return;
  }
}

function hasBecomeFaster(before: StepTime | null, now: StepTime | null): boolean {
  return before !== null && now !== null && now.ms < (1 - fasterBy) * before.ms;
}

function secondsPerSize({ clock }: SweepContext, sizes: number): number {
  return Math.min((climbShare * clock.left) / sizes, mostSecondsPerSize);
}

/** The ground truth compares every size: all are timed in turns. */
async function timeAll(
  context: SweepContext,
  runs: readonly TrialRun[],
  progress: SweepProgress,
): Promise<void> {
  progress.set({ id: 'progressTurns', values: {} }, null);
  await timeInTurns(context, runs, {
    ...rounds,
    seconds: Math.min(turnsShare * context.clock.left, 0.7 * runs.length),
  });
}

/** Measures a rung that a saturated climb left out. */
export async function probeAbove(context: SweepContext, batchSize: number): Promise<TrialRun> {
  const run = makeRun(context, 'probe', { batchSize });
  await measure(context, run, mostSecondsPerSize, 1);
  return run;
}

/**
 * True when the last two doublings together gained under 5% throughput. They are timed in turns
 * before that is believed: a spike of load looks the same. Never below the configured size, which
 * the pilot needs, nor below one that an earlier, cut-off sweep measured, nor in an exhaustive one.
 */
async function isSaturated(
  context: SweepContext,
  runs: readonly TrialRun[],
  ladder: readonly number[],
): Promise<boolean> {
  const [first, , last] = runs.slice(-3);
  if (context.exhaustive || !first || !last) return false;
  const [smaller, larger] = [first.record, last.record];
  if (larger.batchSize !== 4 * smaller.batchSize) return false;
  if (larger.batchSize < (nearestRung(ladder, context.configuredBatchSize) ?? 0)) return false;
  // A sweep that goes on keeps what it has measured.
  const resumed = [...context.resumedTrials.values()];
  if (resumed.some(({ trial }) => trial.batchSize > larger.batchSize)) return false;
  if (gainsThroughput(smaller, larger)) return false;
  // Times of their own: those by which racers are compared are taken beside the best.
  const times = new StepTimes();
  await timeInTurns(context, [first, last], saturationTurns, times);
  return !gainsThroughput(
    { batchSize: smaller.batchSize, stepTime: times.of(smaller.work) },
    { batchSize: larger.batchSize, stepTime: times.of(larger.work) },
  );
}

function isOpen({ record }: TrialRun): boolean {
  return record.status === 'ok' && !record.finished;
}

/**
 * Measures one size; a trial that turned out well rests until the race. Where its first blocks take
 * what the sizes before it let expect, more of them would say no more.
 */
async function measure(
  context: SweepContext,
  run: TrialRun,
  seconds: number,
  sizes: number,
  foreseenMs: number | null = null,
): Promise<void> {
  if (isMeasured(run)) return;
  const begun = context.clock.spent;
  await run.train({
    wallSeconds: Infinity,
    reason: ({ stepTime, blocks, warmUp }) => {
      if (stepTime === null) return null;
      // Enough for the fits and for what to race; a size that races is timed all along.
      if (isForeseen(stepTime, blocks.length, foreseenMs)) return 'probed';
      const precise = blocks.length >= 3 && warmUp !== 'falling' && isPrecise(stepTime);
      const rough = blocks.length < 2 || !isPrecise(stepTime, roughShare);
      const allowed = rough ? roughFactor * seconds : seconds;
      return precise || context.clock.spent - begun >= allowed ? 'probed' : null;
    },
    isProbe: true,
    sliceSeconds: blockSeconds,
  });
  await rest(context, run, sizes);
}

function isMeasured({ record }: TrialRun): boolean {
  return record.finished || record.probed;
}

/** Counts the memory of an evaluation too, and ends a trial that did not turn out well. */
async function rest(context: SweepContext, run: TrialRun, sizes: number): Promise<void> {
  const { limitBytes } = context;
  const isClose = limitBytes !== null && (run.record.peakBytes ?? 0) > closeToLimit * limitBytes;
  await run.countEvaluation(isClose);
  if (run.record.status !== 'ok') await run.finish();
  else if (isHeavy(context, run, sizes)) {
    await run.completeCurve();
    await run.release();
  }
}

function climbStateOf({ clock, findings }: SweepContext, runs: readonly TrialRun[]): ClimbState {
  return {
    sizes: firstOfEachSize(recordsOf(runs)),
    secondsLeft: clock.left,
    budgetSeconds: clock.budgetSeconds,
    isMeasuredOnly: findings.tooSlow !== null,
  };
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
  let bracket = { low: largestOf(climbed)?.batchSize ?? 0, high: tooLarge };
  // Their weights go with the process.
  for (const run of climbed) await run.completeCurve();
  while (isBracketOpen(bracket) && proofs.length < mostProofs) {
    if (context.clock.left < 0.5 * context.clock.budgetSeconds) break;
    const batchSize = nextProof(
      bracket,
      memoryOf([...climbed, ...proofs]),
      context.limitBytes,
      proofs.length,
    );
    progress.set({ id: 'progressProving', values: { batchSize } }, null);
    await context.trainer.discard();
    const run = makeRun(context, 'probe', { batchSize });
    proofs.push(run);
    if (!isMeasured(run)) {
      await run.trainUntimed(provingIterations);
      await rest(context, run, 1);
    }
    await run.completeCurve();
    if (run.record.status === 'out-of-memory') bracket = { ...bracket, high: batchSize };
    else if (fits(run.record)) bracket = { ...bracket, low: batchSize };
    else break;
  }
  const runOf = (record: TrialFacts | null) =>
    [...climbed, ...proofs].find((run) => run.record === record) ?? null;
  const [below, largest] = [runOf(largestOf(climbed)), runOf(largestOf(proofs))];
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
