import { crossing } from '../../src/core/sweep/curve';
import { recommendedTrial, timesOfSizes, type SizeTime } from '../../src/core/sweep/readings';
import type { SweepState } from '../../src/core/sweep/sweepState';
import type { Recommendation, Target, Trial } from '../../src/core/sweep/result';

/** What became of a trial, as the person reads it. */
export type Outcome =
  | 'running'
  /** Started, and waiting while another trial has the device. */
  | 'paused'
  | 'reached'
  | 'measured'
  | 'stoppedEarly'
  | 'out-of-memory'
  | 'diverged'
  | 'failed'
  | 'skipped';

export function outcomeOf(trial: Trial, sweep: SweepState): Outcome {
  if (sweep.running.includes(trial.id) && sweep.active === trial.id) return 'running';
  if (trial.status === 'skipped' && trial.stepMs !== null) return 'measured';
  if (trial.status !== 'ok') return trial.status;
  if (secondsToTarget(trial, sweep) !== null) return 'reached';
  if (sweep.running.includes(trial.id))
    return trial.phase === 'probe' && trial.stepMs !== null ? 'measured' : 'paused';
  // A probe only measures speed and memory; a race that ends without the target was cut short.
  return trial.phase === 'probe' ? 'measured' : 'stoppedEarly';
}

/**
 * Seconds of training to the target. A trial of the pilot or of equal epochs may have passed the
 * target without racing to it: its curve says when.
 */
export function secondsToTarget(trial: Trial, { target }: SweepState): number | null {
  if (trial.timeToTargetSeconds !== null || !target || trial.status !== 'ok')
    return trial.timeToTargetSeconds;
  const known = crossings.get(trial);
  if (known?.target === target) return known.seconds;
  const seconds = crossingOf(trial, target);
  crossings.set(trial, { target, seconds });
  return seconds;
}

/** A trial's curve is asked many times a frame, and most of them have ended. */
const crossings = new WeakMap<
  Trial,
  { readonly target: Target; readonly seconds: number | null }
>();

function crossingOf(trial: Trial, target: Target): number | null {
  const curve = trial.loss.flatMap(({ seconds: x, validation, accuracy }) => {
    const value = target.metric === 'loss' ? validation : accuracy;
    return value === null ? [] : [{ x, value }];
  });
  return crossing(curve, target.metric, target.value);
}

/** All that is known of one batch size: the best of its trials for each purpose. */
export interface SizeSummary {
  readonly batchSize: number;
  /** The trial whose outcome counts. */
  readonly trial: Trial;
  /** The trial with the longest loss curve. */
  readonly curve: Trial | null;
  readonly stepMs: number | null;
  readonly samplesPerSecond: number | null;
  readonly stepMsInterval: readonly [number, number] | null;
  readonly peakBytes: number | null;
  readonly memory: Trial['memory'];
  readonly outcome: Outcome;
  /** To the target: see timesOfSizes in src/core/sweep/readings.ts. */
  readonly seconds: number | null;
  readonly interval: readonly [number, number] | null;
  /** It was stopped with some seeds: it takes at least so long. */
  readonly isLowerBound: boolean;
}

/** The trial that a recommendation names: also its parts and its learning rate. */
export function trialOf(sweep: SweepState, found: Recommendation): Trial | undefined {
  return recommendedTrial(sweep.trials, found) ?? undefined;
}

/** One summary a batch size, smallest first. Trials with accumulation or a schedule stand alone. */
export function summarize(sweep: SweepState): readonly SizeSummary[] {
  const plain = sweep.trials.filter(
    ({ gradientAccumulation, schedule }) => gradientAccumulation === 1 && schedule === null,
  );
  const sizes = [...new Set(plain.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  const times = timesOfSizes(sweep);
  return sizes.flatMap((batchSize) => {
    const time = times.find((each) => each.batchSize === batchSize) ?? null;
    const trials = plain.filter((trial) => trial.batchSize === batchSize);
    const trial = trials.toSorted((a, b) => weight(b, sweep) - weight(a, sweep))[0];
    return trial ? [summary(trial, trials, time, sweep)] : [];
  });
}

function summary(
  trial: Trial,
  trials: readonly Trial[],
  time: SizeTime | null,
  sweep: SweepState,
): SizeSummary {
  const timed = trial.stepMs === null ? trials.findLast(({ stepMs }) => stepMs !== null) : trial;
  const metered =
    trial.peakBytes === null ? trials.findLast(({ peakBytes }) => peakBytes !== null) : trial;
  const curve = [trial, ...trials].reduce((a, b) => (b.loss.length > a.loss.length ? b : a));
  return {
    batchSize: trial.batchSize,
    trial,
    curve: curve.loss.length ? curve : null,
    stepMs: timed?.stepMs ?? null,
    stepMsInterval: timed?.stepMsInterval ?? null,
    samplesPerSecond: timed?.samplesPerSecond ?? null,
    peakBytes: metered?.peakBytes ?? null,
    memory: metered?.memory ?? null,
    outcome: outcomeOf(trial, sweep),
    ...timeOf(trial, time, sweep),
  };
}

/** How long the size took, as sizes are compared; while a trial runs, what its curve says. */
function timeOf(
  trial: Trial,
  time: SizeTime | null,
  sweep: SweepState,
): Pick<SizeSummary, 'seconds' | 'interval' | 'isLowerBound'> {
  if (!time) {
    const { timeToTargetInterval: interval } = trial;
    return { seconds: secondsToTarget(trial, sweep), interval, isLowerBound: false };
  }
  const { seconds, interval, isLowerBound } = time;
  return { seconds, interval, isLowerBound };
}

/** What sets a trial apart from the first one of its size. */
export function repeatOf(trial: Trial, sweep: SweepState): 'seed' | 'learningRate' | null {
  const { purpose } = trial;
  if (purpose === 'repeat') return 'seed';
  if (purpose === 'half-rate' || purpose === 'twice-rate') return 'learningRate';
  if (purpose !== undefined) return null;
  // A document of an earlier version, which lists the first one first.
  const first = sweep.trials.find(({ batchSize }) => batchSize === trial.batchSize);
  if (!first || first === trial) return null;
  if (trial.learningRate !== first.learningRate) return 'learningRate';
  return trial.seed === first.seed ? null : 'seed';
}

/** A trial that says more outweighs one that says less: its time to target, then its curve. */
function weight(trial: Trial, sweep: SweepState): number {
  const ranks: Record<Outcome, number> = {
    reached: 5,
    'out-of-memory': 4,
    diverged: 4,
    stoppedEarly: 3,
    running: 2,
    paused: 2,
    measured: 2,
    failed: 1,
    skipped: 0,
  };
  const outcome = outcomeOf(trial, sweep);
  const found = sweep.recommendation;
  const told = found?.batchSize === trial.batchSize && found.learningRate === trial.learningRate;
  // Of several that reached the target the first counts: others repeat it with another seed or
  // try other learning rates.
  const length = outcome === 'reached' ? 0 : Math.min(trial.loss.length, 999) / 2000;
  return ranks[outcome] + (told ? 0.5 : 0) + length;
}

/**
 * The sizes on the axes of all charts: the planned ladder while a sweep runs, so that nothing jumps
 * as trials arrive, and what was really tried afterwards.
 */
export function axisSizes(sweep: SweepState, live: boolean): readonly number[] {
  const planned = live ? (sweep.started?.batchSizes ?? []) : [];
  const tried = sweep.trials.map(({ batchSize }) => batchSize);
  return [...new Set([...planned, ...tried])].sort((a, b) => a - b);
}

/** The batch size that marker and table point at. */
export function chosenSize(sweep: SweepState, selected: number | null): number | null {
  if (selected !== null && sweep.trials.some(({ batchSize }) => batchSize === selected)) {
    return selected;
  }
  return sweep.recommendation?.batchSize ?? null;
}
