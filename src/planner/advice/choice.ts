import { attemptsOf, secondsBySeed } from '../../core/sweep/attempts';
import { timesOfSizes } from '../../core/sweep/readings';
import type { Objective, Target, Trial } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import { pickWinner, tieShare, type Contender } from '../race/winner';
import { isBetter, type Metric } from '../../core/sweep/curve';

/** Everything a recommendation is made from. */
export interface Evidence {
  readonly objective: Objective;
  readonly trials: readonly Trial[];
  /** Training samples. */
  readonly samples: number;
  readonly configured: {
    readonly batchSize: number;
    readonly learningRate: number;
    readonly epochs?: number;
  };
  readonly metric: Metric;
  readonly target: Target | null;
  /** The metric before training; null or left out where it is not known. */
  readonly start?: number | null;
  /** The metric of guessing without the features; null or left out where it is not known. */
  readonly guess?: number | null;
  /** Why sizes were only measured; null or left out where they were trained to be compared. */
  readonly tooSlow?: Text | null;
  /** Device bytes a trial may hold at most; null where it is not known. */
  readonly limitBytes: number | null;
  readonly budgetSeconds: number;
  /** Of those, what went by before the first trial could begin; left out where it is not known. */
  readonly startSeconds?: number;
}

/** The winner for one objective, with what its reasons need. */
export interface Choice {
  readonly winner: Trial;
  /** The best by the number alone, when a tie gave way to the smaller winner. */
  readonly tiedWith: Trial | null;
  readonly basis: 'target' | 'seconds' | 'throughput' | 'epochs' | 'memory' | 'speed';
  /**
   * Seconds or epochs at which metrics were compared, for the bases that compare them; for speed, at
   * most how many times the best size's seconds it takes.
   */
  readonly at: number | null;
}

/** The best trial for an objective; null when none of them is evidence for it. */
export function choose(
  objective: Objective,
  trials: readonly Trial[],
  { metric }: Pick<Evidence, 'metric'>,
): Choice | null {
  const candidates = attemptsOf(trials).map(({ trial }) => trial);
  switch (objective) {
    case 'time':
      return fastest(trials) ?? furthest(raced(candidates), metric);
    case 'throughput':
      return pick(candidates, (trial) => trial.samplesPerSecond, 'throughput', 'most');
    case 'quality':
      return bestQuality(raced(candidates), metric) ?? furthest(raced(candidates), metric);
    case 'memory':
      return leastMemory(trials, candidates);
  }
}

/** By the mean over seeds where the closest were raced with several. */
function fastest(trials: readonly Trial[]): Choice | null {
  const settled = pickWinner(contendersOf(trials));
  if (!settled) return null;
  const { winner, fastest: best } = settled;
  const tiedWith = winner === best ? null : best.trial;
  return { winner: winner.trial, tiedWith, basis: 'target', at: null };
}

/** The sizes that reached the target, with what is known of their seconds. */
export function contendersOf(
  trials: readonly Trial[],
): readonly (Contender & { readonly trial: Trial })[] {
  return attemptsOf(trials).flatMap((attempt) => {
    const seconds = secondsBySeed(attempt);
    const { trial } = attempt;
    const { batchSize, stepMs, stepMsInterval } = trial;
    const stepError = stepMs && stepMsInterval ? stepMsInterval[1] / stepMs - 1 : undefined;
    return seconds ? [{ batchSize, trial, seconds, stepError }] : [];
  });
}

/**
 * The size to train with where sizes were only timed: the one that can be furthest from the best by
 * the smallest factor, whatever the gradient noise scale φ. The seconds to a target are about
 * t(B)·(1 + φ/B) (arXiv 1812.06162); the ratio between two sizes is monotone in φ, so that it is
 * largest without noise, where fast updates count, or in noise alone, where samples a second do.
 * Null where no two sizes were timed.
 */
export function bySpeed(trials: readonly Trial[]): Choice | null {
  const timed = trials.flatMap(({ batchSize, stepMs }) => (stepMs ? [{ batchSize, stepMs }] : []));
  if (timed.length < 2) return null;
  const fewestMs = Math.min(...timed.map(({ stepMs }) => stepMs));
  const fewestMsPerSample = Math.min(...timed.map(({ stepMs, batchSize }) => stepMs / batchSize));
  const timesOfBest = ({ stepMs, batchSize }: Trial) =>
    stepMs && Math.max(stepMs / fewestMs, stepMs / batchSize / fewestMsPerSample);
  const choice = pick(trials, timesOfBest, 'speed', 'least');
  return choice && { ...choice, tiedWith: null, at: timesOfBest(choice.winner) };
}

/** Sizes that were only probed were not trained for comparison. */
function raced(candidates: readonly Trial[]): readonly Trial[] {
  const trained = candidates.filter(({ phase }) => phase !== 'probe');
  return trained.length > 0 ? trained : candidates;
}

/** No size reached the target: the best metric after as many seconds as all of them trained. */
function furthest(candidates: readonly Trial[], metric: Metric): Choice | null {
  const common = Math.min(...candidates.map(({ loss }) => loss.at(-1)?.seconds ?? 0));
  const value = (trial: Trial) => bestUntil(trial, metric, ({ seconds }) => seconds <= common);
  const measured = candidates.filter((trial) => value(trial) !== null);
  const choice = pickMetric(measured, value, metric, 'seconds', common);
  return choice;
}

/** Sizes are compared at equal epochs: as many as all of them trained, but at least one. */
function bestQuality(candidates: readonly Trial[], metric: Metric): Choice | null {
  const common = Math.min(...candidates.map(({ loss }) => loss.at(-1)?.epoch ?? 0));
  if (common < 1) return null;
  const value = (trial: Trial) => bestUntil(trial, metric, ({ epoch }) => epoch <= common + 1e-6);
  return pickMetric(candidates, value, metric, 'epochs', common);
}

/** Sizes that take at most this many times the best one's seconds are nearly as fast. */
const nearlyAsFast = 1.1;

function leastMemory(trials: readonly Trial[], candidates: readonly Trial[]): Choice | null {
  const choice = fastest(trials);
  const quickest = choice?.tiedWith ?? choice?.winner;
  const times = timesOfSizes({ trials, recommendation: null });
  const secondsOf = (trial: Trial) => times.find((time) => time.trial === trial)?.seconds ?? null;
  const best = quickest ? secondsOf(quickest) : null;
  const close =
    best === null
      ? candidates
      : candidates.filter((trial) => (secondsOf(trial) ?? Infinity) <= nearlyAsFast * best);
  const winner = close.reduce<Trial | null>(
    (a, b) => (a === null || b.batchSize < a.batchSize ? b : a),
    null,
  );
  return winner && { winner, tiedWith: null, basis: 'memory', at: best };
}

/** The best metric of a trial among the points that pass; null where none was evaluated. */
export function bestUntil(
  trial: Trial,
  metric: Metric,
  within: (point: Trial['loss'][number]) => boolean,
): number | null {
  return trial.loss.filter(within).reduce<number | null>((best, point) => {
    const value = metric === 'loss' ? point.validation : point.accuracy;
    if (value === null) return best;
    return best === null || isBetter(metric, value, best) ? value : best;
  }, null);
}

function pickMetric(
  candidates: readonly Trial[],
  value: (trial: Trial) => number | null,
  metric: Metric,
  basis: Choice['basis'],
  at: number,
): Choice | null {
  const choice = pick(candidates, value, basis, metric === 'loss' ? 'least' : 'most');
  return choice && { ...choice, at };
}

function pick(
  candidates: readonly Trial[],
  value: (trial: Trial) => number | null,
  basis: Choice['basis'],
  wanted: 'least' | 'most',
): Choice | null {
  const measured = candidates.flatMap((trial) => {
    const number = value(trial);
    return number === null ? [] : [{ trial, number }];
  });
  const [first] = measured;
  if (!first) return null;
  const sign = wanted === 'least' ? 1 : -1;
  const best = measured.reduce((a, b) => (sign * b.number < sign * a.number ? b : a), first);
  const slack = tieShare * Math.abs(best.number);
  const winner = measured
    .filter(({ number }) => sign * (number - best.number) <= slack)
    .reduce((a, b) => (b.trial.batchSize < a.trial.batchSize ? b : a), best);
  const tiedWith = winner.trial.batchSize === best.trial.batchSize ? null : best.trial;
  return { winner: winner.trial, tiedWith, basis, at: null };
}
