import { attemptsOf, type Attempt } from '../../core/sweep/attempts';
import type { Confidence, SizeComparison, WhyNotCompared } from '../../core/sweep/confidence';
import type { Metric } from '../../core/sweep/curve';
import type { Trial } from '../../core/sweep/result';
import { curveOfTrial } from '../../core/sweep/trialCurve';
import { comparedFrom, timesSlower } from '../race/comparison';
import { timeRatios } from '../race/timeRatios';
import { fitUpdates, predictedUpdates } from '../race/updatesFit';

/**
 * Standard deviation of the logarithm of two sizes' ratio of seconds from seed to seed, as the bench
 * tasks' truths scatter. It counts as one seed: what a sweep itself sees soon outweighs it.
 */
const priorScatter = 0.12;
const priorSeeds = 1;
/** The same of where a curve had come when it was stopped, for curves differ in shape, too. */
const earlyScatter = 0.1;
/** Standard errors on either side of a 95% interval. */
const errorsAside = 1.96;
/** Student's one-sided 95% quantiles for few degrees of freedom, and their limit for many. */
const studentBelow = [6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.9, 1.86, 1.83, 1.81];
const normalBelow = 1.7;
/** Who is no more than this share faster does not make a recommendation wrong. */
export const rightWithin = 0.05;
/** A size that was not trained is ruled out beyond one that lost, where it is expected to take so many times as long. */
const clearlySlower = 1.25;

interface ComparedTrials {
  readonly winner: Trial;
  readonly trials: readonly Trial[];
  readonly metric: Metric;
  /** The metric before training; null where it is not known. */
  readonly start: number | null;
}

/**
 * How sure it is that a size is the fastest to the target: every other size that ran, by the ratio
 * of seconds over the seeds that both were trained with. Null for a winner that did not reach it.
 */
export function confidenceIn({ winner, trials, metric, start }: ComparedTrials): Confidence | null {
  const attempts = attemptsOf(trials);
  const own = attempts.find(({ trial }) => trial === winner);
  if (!own || winner.timeToTargetSeconds === null) return null;
  const notCompared: { batchSize: number; why: WhyNotCompared }[] = [];
  const compared: { readonly batchSize: number; readonly ratios: Ratios }[] = [];
  for (const attempt of attempts) {
    const { batchSize } = attempt.trial;
    if (batchSize === winner.batchSize) continue;
    const ratios = ratiosOf(attempt, own, metric, start);
    if (typeof ratios === 'string') notCompared.push({ batchSize, why: ratios });
    else compared.push({ batchSize, ratios });
  }
  const scatter = scatterOf(compared.map(({ ratios }) => ratios.logs));
  const comparisons = compared.map(({ batchSize, ratios }) => compare(batchSize, ratios, scatter));
  const beat = comparisons.filter(({ interval }) => interval[0] > 1);
  const isOpen = compared.some(({ ratios }) => leastRatio(ratios, scatter) < 1 / (1 + rightWithin));
  const isRuledOut = ruledOutBy(
    winner,
    attempts.map(({ trial }) => trial),
    beat,
  );
  return {
    isSure: !isOpen && notCompared.every(isRuledOut),
    beat,
    tied: comparisons.filter(({ interval }) => interval[0] <= 1),
    notCompared,
  };
}

/** Logarithms of the seconds of another size over the winner's. */
interface Ratios {
  /** One a seed. */
  readonly logs: readonly number[];
  /** It was stopped: the ratios are at least those. */
  readonly isBound: boolean;
  /** It was stopped before it came near the target. */
  readonly isEarly: boolean;
  /** Standard error that more seeds do not lessen: of the step times. */
  readonly common: number;
}

interface Scatter {
  readonly deviation: number;
  readonly freedom: number;
}

/**
 * The scatter of ratios from seed to seed, over all sizes of a sweep: it is the task's more than a
 * size's, and few seeds of one say little of it.
 */
function scatterOf(sizes: readonly (readonly number[])[]): Scatter {
  const squares = sizes.reduce((sum, logs) => sum + squaresOf(logs), 0);
  const freedom = priorSeeds + sizes.reduce((sum, logs) => sum + logs.length - 1, 0);
  return {
    deviation: Math.sqrt((priorSeeds * priorScatter ** 2 + squares) / freedom),
    freedom,
  };
}

function squaresOf(logs: readonly number[]): number {
  const mean = meanOf(logs);
  return logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean over seeds of the ratio, with its interval. */
function compare(batchSize: number, ratios: Ratios, scatter: Scatter): SizeComparison {
  const mean = meanOf(ratios.logs);
  const error = errorsAside * errorOf(ratios, scatter);
  return {
    batchSize,
    seeds: ratios.logs.length,
    times: Math.exp(mean),
    interval: [Math.exp(mean - error), ratios.isBound ? null : Math.exp(mean + error)],
  };
}

/**
 * What the ratio is at least (95%), by Student's quantile: a claim to be sure must rest on the
 * scatter that the sweep itself has seen, for the fastest of several was lucky, too.
 */
function leastRatio(ratios: Ratios, scatter: Scatter): number {
  const quantile = studentBelow[scatter.freedom - 1] ?? normalBelow;
  return Math.exp(meanOf(ratios.logs) - quantile * errorOf(ratios, scatter));
}

function errorOf({ logs, isEarly, common }: Ratios, { deviation }: Scatter): number {
  const own = isEarly ? Math.hypot(deviation, earlyScatter) : deviation;
  return Math.hypot(own / Math.sqrt(logs.length), common);
}

/** The ratios between two sizes' trials, or why there are none. */
function ratiosOf(
  { trial, repeats }: Attempt,
  own: Attempt,
  metric: Metric,
  start: number | null,
): Ratios | WhyNotCompared {
  if (trial.status === 'out-of-memory' || trial.status === 'diverged') return trial.status;
  if (trial.status === 'failed') return 'failed';
  if (trial.status === 'skipped') return 'budget';
  const common = Math.hypot(stepErrorOf(trial), stepErrorOf(own.trial));
  const best = own.trial.timeToTargetSeconds ?? 0;
  if (trial.timeToTargetSeconds === null) {
    const log = boundOf(trial, own.trial, metric, start);
    if (typeof log === 'string') return log;
    return { logs: [log], isBound: true, isEarly: true, common };
  }
  const ownBySeed = new Map([own.trial, ...own.repeats].map((each) => [each.seed, each]));
  let isBound = false;
  const repeated = repeats.flatMap((repeat) => {
    const theirs = ownBySeed.get(repeat.seed)?.timeToTargetSeconds ?? null;
    if (theirs === null || repeat.status !== 'ok') return [];
    if (repeat.timeToTargetSeconds !== null) return [logOf(repeat.timeToTargetSeconds, theirs)];
    if (repeat.stopReason === 'budget') return [];
    // It was stopped for another was faster, by at least so much; the truth may be further off.
    isBound = true;
    return [Math.log(timeRatios.lost)];
  });
  const logs = [logOf(trial.timeToTargetSeconds, best), ...repeated];
  return { logs, isBound, isEarly: false, common };
}

/**
 * By how much a size that did not reach the target is slower at least: it trained for longer than
 * the winner needed, or had taken so many times as long to where it was stopped.
 */
function boundOf(
  trial: Trial,
  winner: Trial,
  metric: Metric,
  start: number | null,
): number | WhyNotCompared {
  const best = winner.timeToTargetSeconds ?? 0;
  if (trial.phase === 'probe') return 'probed';
  const seconds = trial.loss.at(-1)?.seconds ?? 0;
  const byTime = logOf(seconds, best);
  if (trial.stopReason === 'budget') return byTime > 0 ? byTime : 'budget';
  if (seconds < comparedFrom * best) return 'budget';
  const slower =
    start === null
      ? null
      : timesSlower(
          curveOfTrial(trial, metric, start),
          curveOfTrial(winner, metric, start),
          metric,
        );
  const byCurve = slower === null ? -Infinity : Math.log(slower);
  const bound = Math.max(byTime, byCurve);
  return bound > 0 ? bound : 'budget';
}

/**
 * Whether a size that was not compared can be left out of account: it cannot be trained, or it lies
 * beyond one that lost and is expected to lose by more.
 */
function ruledOutBy(
  winner: Trial,
  trials: readonly Trial[],
  beat: readonly SizeComparison[],
): (size: Confidence['notCompared'][number]) => boolean {
  const observed = trials
    .filter(({ status, phase }) => status === 'ok' && phase !== 'probe')
    .map(({ batchSize, iterations, timeToTargetSeconds, stepMs }) => ({
      batchSize,
      reached: timeToTargetSeconds !== null,
      updates:
        timeToTargetSeconds !== null && stepMs !== null
          ? (1000 * timeToTargetSeconds) / stepMs
          : Math.max(1, iterations),
    }));
  const noise = trials.find(({ gradientNoiseScale }) => gradientNoiseScale !== null);
  const fit = fitUpdates(observed, noise?.gradientNoiseScale ?? winner.batchSize);
  const predicted = ({ batchSize, stepMs }: Trial) =>
    (stepMs ?? Infinity) * predictedUpdates(fit, batchSize);
  return ({ batchSize, why }) => {
    if (why === 'out-of-memory' || why === 'diverged') return true;
    if (why !== 'probed') return false;
    const side = Math.sign(batchSize - winner.batchSize);
    const liesBeyond = beat.some(
      (each) =>
        Math.sign(each.batchSize - winner.batchSize) === side &&
        Math.abs(Math.log(each.batchSize / winner.batchSize)) <
          Math.abs(Math.log(batchSize / winner.batchSize)),
    );
    const trial = trials.find((each) => each.batchSize === batchSize);
    return liesBeyond && !!trial && predicted(trial) > clearlySlower * predicted(winner);
  };
}

function stepErrorOf({ stepMs, stepMsInterval }: Trial): number {
  return stepMs && stepMsInterval ? (stepMsInterval[1] - stepMsInterval[0]) / 4 / stepMs : 0;
}

function logOf(seconds: number, over: number): number {
  return Math.log(Math.max(1e-9, seconds) / Math.max(1e-9, over));
}
