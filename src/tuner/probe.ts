import { nearestRung } from '../core/ladder';
import { fitMemory, largestThatFits, predictedBytes } from '../core/memoryModel';
import type { MemoryModel, StepFit } from '../core/result';
import { fitStepTimes, isPrecise, stepMsOf } from '../core/stepTimeFit';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import { makeRun } from './attempts';
import { isHeavy, timeInTurns } from './turns';
import type { TrialRun } from './trialRun';

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
const mostSecondsPerSize = 1.2;
/** Two doublings must gain this share of throughput, or the device is saturated. */
const saturationGain = 0.05;
/** Share of the budget for timing all sizes in turns after the climb. */
const turnsShare = 0.15;
/** Slower than this many times the least seconds expected: no rival, whatever the noise scale. */
const hopelessFactor = 6;
const rounds = { fewestRounds: 5, mostRounds: 24 };
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
  progress.set({ id: 'progressTurns', values: {} }, context.clock.left);
  const rivals = rivalsOf(context, runs.filter(isOpen));
  await timeInTurns(context, rivals, {
    ...rounds,
    seconds: Math.min(turnsShare * context.clock.left, 0.7 * rivals.length),
  });
  const climbed = Math.max(0, ...runs.map(({ batchSize }) => batchSize));
  return {
    rungsAbove: stopReason === 'saturated' ? plan.ladder.filter((rung) => rung > climbed) : [],
    runs: [...runs].sort((a, b) => a.batchSize - b.batchSize),
    stopReason,
    stepFit: stepFitOf(runs),
    memoryModel: memoryModelOf(runs, context.limitBytes),
  };
}

/** Measures a rung that a saturated climb left out, against those it must be compared with. */
export async function probeAbove(
  context: SweepContext,
  batchSize: number,
  rivals: readonly TrialRun[],
): Promise<TrialRun> {
  const run = makeRun(context, 'race', { batchSize });
  await measure(context, run, mostSecondsPerSize, 1);
  await timeInTurns(context, [...rivals, run], { ...rounds, seconds: 2 });
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
  const gains = () => {
    const [before, after] = [first.stepTime, last.stepTime];
    if (!before || !after) return true;
    return last.batchSize / after.ms >= (1 + saturationGain) * (first.batchSize / before.ms);
  };
  if (gains()) return false;
  await timeInTurns(context, [first, last], { fewestRounds: 3, mostRounds: 6, seconds: 2 });
  return !gains();
}

/**
 * Sizes worth precise times: a size whose seconds per sample are many times another's cannot be
 * faster to the target unless it needs as many times fewer samples, which only smaller sizes may.
 */
function rivalsOf(context: SweepContext, runs: readonly TrialRun[]): readonly TrialRun[] {
  const perSample = (run: TrialRun) => (run.stepTime?.ms ?? Infinity) / run.batchSize;
  const least = Math.min(...runs.map(perSample));
  return runs.filter(
    (run) =>
      perSample(run) <= hopelessFactor * least || run.batchSize === context.configuredBatchSize,
  );
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
  if (run.finished || run.probed) return;
  const begun = context.clock.spent;
  await run.train({
    wallSeconds: Infinity,
    reason: ({ stepTime, timedBlocks }) => {
      if (stepTime === null) return null;
      // Three blocks tell the memory model and the climb enough; turns make it precise.
      const precise = timedBlocks >= 3 && isPrecise(stepTime);
      return precise || context.clock.spent - begun >= seconds ? 'probed' : null;
    },
  });
  await run.evaluateOnce();
  if (run.status !== 'ok') await run.finish();
  else if (isHeavy(context, run, sizes)) await run.release();
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
  const isOpen = () => low > 0 && high - low > Math.max(1, low * provenWithin);
  while (isOpen() && proofs.length < mostProofs) {
    if (context.clock.left < 0.5 * context.clock.budgetSeconds) break;
    const batchSize = nextProof(context, [...climbed, ...proofs], low, high, proofs.length);
    progress.set({ id: 'progressProving', values: { batchSize } }, context.clock.left);
    await context.trainer.discard();
    const run = makeRun(context, 'race', { batchSize });
    proofs.push(run);
    await measure(context, run, 0, 1);
    if (run.status === 'out-of-memory') high = batchSize;
    else if (fits(run)) low = batchSize;
    else break;
  }
  const largest = largestOf(proofs);
  for (const proof of proofs) if (proof !== largest) await proof.finish();
  return proofs;
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
  const wanted = predicted <= low ? Math.ceil(low * (1 + provenWithin)) : predicted;
  return wanted > low && wanted < high ? wanted : middle;
}
