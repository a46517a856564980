/** A size with its seconds to the target, one for each seed it was raced with. */
export interface Contender {
  readonly batchSize: number;
  readonly seconds: readonly number[];
  /** Half of the 95% interval of the step time over the step time; left out where not known. */
  readonly stepError?: number | undefined;
}

/** Sizes this close to the best count as equal to it, and the smaller one is taken. */
export const tieShare = 0.03;
/** Noise makes no wider ties than this: a size that is really slower must not win by being vague. */
const mostNoise = 0.06;

/** The contenders that a race is decided between, fastest first, by the mean logarithm over seeds. */
export function ranked<T extends Contender>(contenders: readonly T[]): readonly T[] {
  const seeds = Math.max(0, ...contenders.map(({ seconds }) => seconds.length));
  // Where the closest were raced again, one that was not, or did not get there again, had lost: its
  // single run may have been lucky.
  return contenders
    .filter(({ seconds }) => seconds.length === seeds)
    .toSorted((a, b) => meanSeconds(a) - meanSeconds(b));
}

/** The geometric mean over seeds: runs scatter by a factor, not by seconds. */
export function meanSeconds({ seconds }: Pick<Contender, 'seconds'>): number {
  const logs = seconds.map((each) => Math.log(Math.max(1e-9, each)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** The fastest, or the smallest of those that cannot be told from it; null without contenders. */
export function settle<T extends Contender>(
  contenders: readonly T[],
): { readonly winner: T; readonly fastest: T } | null {
  const order = ranked(contenders);
  const [fastest] = order;
  if (!fastest) return null;
  const winner = order
    .filter((contender) => {
      const noise = Math.min(mostNoise, noiseBetween(contender, fastest));
      return meanSeconds(contender) <= (1 + Math.max(tieShare, noise)) * meanSeconds(fastest);
    })
    .reduce((a, b) => (b.batchSize < a.batchSize ? b : a));
  return { winner, fastest };
}

/**
 * By how much two contenders may differ though they are equal: the intervals of their step times,
 * and the standard error over seeds of the logarithm of their ratio, where both ran with several.
 */
export function noiseBetween(a: Contender, b: Contender): number {
  const ratios = a.seconds.flatMap((seconds, seed) => {
    const other = b.seconds[seed];
    return other === undefined ? [] : [Math.log(Math.max(1e-9, seconds) / Math.max(1e-9, other))];
  });
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  const ofSeeds = ratios.length > 1 ? squares / (ratios.length - 1) / ratios.length : 0;
  return Math.sqrt(ofSeeds + (a.stepError ?? 0) ** 2 + (b.stepError ?? 0) ** 2);
}
