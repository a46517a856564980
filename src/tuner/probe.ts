import { fitMemory, largestThatFits, predictedBytes } from '../core/memoryModel';
import type { MemoryModel, StepFit } from '../core/result';
import { fitStepTimes, isPrecise, stepMsOf } from '../core/stepTimeFit';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import { TrialRun } from './trialRun';

/** Why the climb ended: at the list's or the data set's end, or before it. */
export type ProbeStop = 'dataset' | 'list' | 'memory' | 'budget';

export interface Probe {
  readonly runs: readonly TrialRun[];
  readonly stopReason: ProbeStop;
  readonly stepFit: StepFit | null;
  readonly memoryModel: MemoryModel | null;
}

export interface ProbePlan {
  readonly ladder: readonly number[];
  readonly isList: boolean;
  /** Trials that an earlier, cut-off sweep finished, by batch size. */
  readonly restored: ReadonlyMap<number, TrialRun>;
}

/** Share of the budget that the climb may take, and the most any one size needs of it. */
const probeShare = 0.2;
const mostSecondsPerSize = 2.5;
/** Open trials may hold this share of the memory while they wait for the race. */
const waitingShare = 0.1;
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
    (probeShare * context.clock.left) / plan.ladder.length,
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
    const run = plan.restored.get(batchSize) ?? newRun(context, batchSize, 1);
    runs.push(run);
    await measure(context, run, seconds, plan.ladder.length);
    if (run.status === 'out-of-memory') {
      [stopReason, tooLarge] = ['memory', batchSize];
      break;
    }
  }
  if (tooLarge !== null && !plan.isList) {
    runs.push(...(await proveLargest(context, runs, tooLarge, progress)));
  }
  return {
    runs: [...runs].sort((a, b) => a.batchSize - b.batchSize),
    stopReason,
    stepFit: stepFitOf(runs),
    memoryModel: memoryModelOf(runs, context.limitBytes),
  };
}

export function newRun(context: SweepContext, batchSize: number, attempt: number): TrialRun {
  const learningRate = context.learningRateOf(batchSize);
  return new TrialRun(context, batchSize, learningRate, context.seed, `${batchSize}-${attempt}`);
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
    runs.flatMap(({ batchSize, stepTime }) =>
      stepTime === null ? [] : [{ batchSize, stepMs: stepTime.ms }],
    ),
  );
}

/** Measured and not out of memory: a diverged trial fits, too. */
function fits({ status, peakBytes }: TrialRun): boolean {
  return peakBytes !== null && status !== 'out-of-memory' && status !== 'failed';
}

function memoryOf(runs: readonly TrialRun[]) {
  return fitMemory(
    runs.flatMap((run) =>
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
  if (run.finished) return;
  const begun = context.clock.spent;
  await run.train({
    wallSeconds: Infinity,
    reason: ({ stepTime, timedBlocks }) => {
      if (stepTime === null) return null;
      const precise = timedBlocks >= 5 && isPrecise(stepTime);
      return precise || context.clock.spent - begun >= seconds ? 'probed' : null;
    },
  });
  await run.evaluateOnce();
  if (run.status !== 'ok') await run.finish();
  else if (isHeavy(context, run, sizes)) await run.release();
}

function isHeavy({ limitBytes }: SweepContext, run: TrialRun, sizes: number): boolean {
  const { memory } = run.toTrial();
  if (!memory || limitBytes === null) return false;
  return (memory.parameters + memory.optimizer) * sizes > waitingShare * limitBytes;
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
    const run = newRun(context, batchSize, 1);
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
