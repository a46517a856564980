import { compareSeeds, logsBySeed, type SecondsBySeed } from '../../core/sweep/readings';

/** A size with its seconds to the target. */
export interface Contender extends SecondsBySeed {
  readonly batchSize: number;
  /** Half of the 95% interval of the step time over the step time; left out where not known. */
  readonly stepError?: number | undefined;
}

/** Sizes this close to the best count as equal to it, and the smaller one is taken. */
export const tieShare = 0.03;
/**
 * Noise makes no wider ties than this: a size that is really slower must not win by being vague. A
 * recommendation that is off by no more counts as right (`rightWithin` in advice/confidence.ts).
 */
const mostNoise = 0.05;
/**
 * Standard deviation of the logarithm of two sizes' ratio on one seed, before any is known: it counts
 * as one seed.
 */
const priorScatter = 0.12;
/** Standard errors behind the leader from which on a contender is out. */
const outBy = 1.5;

/** A contender with its place: the mean logarithm of its seconds over seeds, and each seed's. */
interface Ranked<T> {
  readonly contender: T;
  readonly logs: readonly number[];
  readonly mean: number;
}

/** The fastest, or the smallest of those that do not differ clearly from it; null without contenders. */
export function pickWinner<T extends Contender>(
  contenders: readonly T[],
): { readonly winner: T; readonly fastest: T } | null {
  const order = ranked(contenders);
  const [fastest] = order;
  if (!fastest) return null;
  const error = seedErrorOf(order);
  const winner = order
    .filter((each) => {
      const noise = Math.min(mostNoise, noiseBetween(each, fastest, error));
      return Math.exp(each.mean - fastest.mean) <= 1 + Math.max(tieShare, noise);
    })
    .reduce((a, b) => (b.contender.batchSize < a.contender.batchSize ? b : a));
  return { winner: winner.contender, fastest: fastest.contender };
}

/**
 * The contenders that may yet turn out the fastest, the leader first: the others are behind it by
 * more than their seeds scatter. As in F-Race (Birattari 2002), seed by seed fewer race on.
 */
export function possibleWinners<T extends Contender>(contenders: readonly T[]): readonly T[] {
  const order = ranked(contenders);
  const [leader] = order;
  const error = seedErrorOf(order);
  return order
    .filter((each) => !leader || each.mean - leader.mean <= outBy * error)
    .map(({ contender }) => contender);
}

/** Those that are compared over the most seeds, fastest first. */
function ranked<T extends Contender>(contenders: readonly T[]): readonly Ranked<T>[] {
  const { sizes, fastest } = compareSeeds(contenders);
  return sizes
    .map((contender) => {
      const logs = logsBySeed(contender, fastest);
      // The geometric mean: runs scatter by a factor, not by seconds.
      return { contender, logs, mean: logs.reduce((sum, log) => sum + log, 0) / logs.length };
    })
    .toSorted((a, b) => a.mean - b.mean);
}

/** By how much two contenders may differ though they are equal: over seeds, and in their step times. */
function noiseBetween(a: Ranked<Contender>, b: Ranked<Contender>, seedError: number): number {
  return Math.hypot(seedError, a.contender.stepError ?? 0, b.contender.stepError ?? 0);
}

/**
 * The standard error over seeds of the logarithm of two contenders' ratio, from all of them: scatter
 * is the task's more than a size's. One seed says nothing of it, so that with one alone the prior
 * stands: a size is not the fastest for being lucky once.
 */
function seedErrorOf(order: readonly Ranked<Contender>[]): number {
  const [leader, ...others] = order;
  if (!leader) return 0;
  const seeds = leader.logs.length;
  const sum = others.reduce((total, each) => total + squares(each, leader), 0);
  const freedom = 1 + others.length * (seeds - 1);
  return Math.sqrt((priorScatter ** 2 + sum) / freedom / seeds);
}

/** Of the logarithms of the ratio, around their mean. */
function squares(a: Ranked<Contender>, b: Ranked<Contender>): number {
  const mean = a.mean - b.mean;
  return a.logs.reduce((sum, log, seed) => sum + (log - (b.logs[seed] ?? 0) - mean) ** 2, 0);
}
