import { iterationsPerEpoch } from '../core/arithmetic';
import { nearestRung } from '../core/ladder';
import type { Objective } from '../core/result';
import { hasPlateaued, targetFromCurve } from '../core/target';
import { fastestOf, isFinalist } from './finalists';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';

/** A trial that takes this much longer than the best so far has lost. */
const lossFactor = 1.15;
/** Most of what is left of the budget that the pilot may take. */
const pilotShare = 1 / 3;
/** Kept back for ending trials and the last writes. */
const reserveSeconds = 0.3;
/** A trial that has not reached the target by this multiple of the configured epochs never does. */
const mostEpochsFactor = 3;

/** Trains the size nearest to the configured one until it stops improving, and freezes the target. */
export async function pilot(
  context: SweepContext,
  runs: readonly TrialRun[],
  configuredBatchSize: number,
  progress: SweepProgress,
): Promise<void> {
  const sizes = runs.filter(isOpen).map(({ batchSize }) => batchSize);
  const size = nearestRung(sizes, configuredBatchSize);
  const run = runs.find(({ batchSize }) => batchSize === size);
  if (!run) return;
  const { clock, metric, epochs } = context;
  run.phase = context.exhaustive ? 'exhaustive' : 'race';
  progress.set({ id: 'progressPilot', values: { batchSize: run.batchSize } }, clock.left);
  await run.train({
    wallSeconds: context.exhaustive ? Infinity : pilotShare * clock.left,
    reason: ({ evaluationsOverEpochs, epoch, points, standardError }) => {
      if (points.length < 3) return null;
      if (epoch >= mostEpochsFactor * epochs) return 'epochs';
      const error = metric === 'loss' ? (standardError ?? 0) : accuracyError(context, run);
      return hasPlateaued(evaluationsOverEpochs, metric, error) ? 'plateau' : null;
    },
  });
  const start = context.starts.get(run.seed);
  const values = run.evaluationsOverEpochs.map(({ value }) => value);
  const value = start === undefined ? null : targetFromCurve(start, values, metric);
  if (value === null) return;
  context.target = { metric, value: Number(value.toPrecision(4)), source: 'pilot' };
  context.emit({ type: 'target', target: context.target });
}

/**
 * Trains every size that fits: the one expected to be fastest first, to the target, then the others
 * outward from it, each until it has reached the target or lost.
 */
export async function race(
  context: SweepContext,
  runs: readonly TrialRun[],
  progress: SweepProgress,
): Promise<void> {
  const open = runs
    .filter(isOpen)
    .sort((a, b) => expectedCost(context, a) - expectedCost(context, b));
  const [first] = open;
  const waiting = open.sort((a, b) => distance(a, first) - distance(b, first));
  for (const [index, run] of waiting.entries()) {
    const others = waiting.slice(index + 1);
    const wallSeconds = context.exhaustive ? Infinity : shareOf(context, run, others);
    await trainInRace(context, run, runs, wallSeconds, progress, others.length);
    await run.finish(isFinalist(run, runs));
  }
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

async function trainInRace(
  context: SweepContext,
  run: TrialRun,
  all: readonly TrialRun[],
  wallSeconds: number,
  progress: SweepProgress,
  waiting: number,
): Promise<void> {
  const { exhaustive, epochs, clock } = context;
  run.phase = exhaustive ? 'exhaustive' : 'race';
  const best = () => fastestOf(all.filter((other) => other !== run));
  const cap = () => lossFactor * (best() ?? Infinity);
  const own = Math.min(wallSeconds, cap() * 1.5);
  const expected = Math.min(clock.left, own + waiting * Math.min(own, cap() * 1.5));
  progress.set(
    { id: 'progressTraining', values: { batchSize: run.batchSize } },
    Number.isFinite(expected) ? expected : null,
  );
  await run.train({
    wallSeconds,
    reason: ({ points, epoch, seconds, timeToTarget }) => {
      if (points.length < 2) return null;
      if (timeToTarget !== null) return 'reached target';
      if (epoch >= mostEpochsFactor * epochs) return 'epochs';
      return !exhaustive && seconds > cap() ? 'slower than the best' : null;
    },
  });
}

/** Which runs come first: by objective all train to the target, but `quality` to equal epochs. */
export function trainsEqualEpochs(objective: Objective, exhaustive: boolean): boolean {
  return objective === 'quality' && !exhaustive;
}

function isOpen(run: TrialRun): boolean {
  return run.status === 'ok' && !run.finished;
}

/**
 * A prior for the time to the target, for the order alone: samples needed grow as 1 + B/φ
 * (arXiv 1812.06162), with a noise scale φ of a tenth of the data set until it is measured.
 */
function expectedCost({ prepared }: SweepContext, run: TrialRun): number {
  const { samples } = prepared.dataset;
  const noiseScale = Math.min(2000, Math.max(32, samples / 10));
  const perSample = (run.stepTime?.ms ?? Infinity) / run.batchSize;
  return (1 + run.batchSize / noiseScale) * perSample;
}

function distance(run: TrialRun, first: TrialRun | undefined): number {
  return first ? Math.abs(Math.log2(run.batchSize / first.batchSize)) : 0;
}

/**
 * Wall-clock for one trial: half of what is left for the first, a fair share and a half for others
 * (those that lose give most of theirs back), but never what the rest needs for two evaluations.
 */
function shareOf(context: SweepContext, run: TrialRun, others: readonly TrialRun[]): number {
  const left = Math.max(0, context.clock.left - reserveSeconds);
  const free = Math.max(0, left - minimumOf(context, others));
  const fair = left / (others.length + 1);
  const wanted = fastestOf([run, ...others]) === null ? Math.max(left / 2, fair) : 1.5 * fair;
  return Math.min(free, Math.max(wanted, minimumOf(context, [run])));
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

/** Standard error of an accuracy as a proportion of the validation samples. */
function accuracyError({ prepared }: SweepContext, run: TrialRun): number {
  const accuracy = run.points.at(-1)?.accuracy ?? 0.5;
  return Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, prepared.dataset.validationSamples));
}
