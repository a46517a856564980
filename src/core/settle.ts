/** A size with its seconds to the target, one for each seed it was raced with. */
export interface Contender {
  readonly batchSize: number;
  readonly seconds: readonly number[];
}

/** Sizes this close to the best count as equal to it, and the smaller one is taken. */
export const tieShare = 0.03;

/** The contenders that a race is decided between, fastest first, by the mean logarithm over seeds. */
export function ranked<T extends Contender>(contenders: readonly T[]): readonly T[] {
  const seeds = Math.max(0, ...contenders.map(({ seconds }) => seconds.length));
  // Where the closest were raced again, one that was not had lost: its single run may have been lucky.
  return contenders
    .filter(({ seconds }) => seconds.length === seeds)
    .toSorted((a, b) => meanSeconds(a) - meanSeconds(b));
}

/** The geometric mean over seeds: runs scatter by a factor, not by seconds. */
export function meanSeconds({ seconds }: Pick<Contender, 'seconds'>): number {
  const logs = seconds.map((each) => Math.log(Math.max(1e-9, each)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** The fastest, or the smallest of those within `share` of it; null without contenders. */
export function settle<T extends Contender>(
  contenders: readonly T[],
  share = tieShare,
): { readonly winner: T; readonly fastest: T } | null {
  const order = ranked(contenders);
  const [fastest] = order;
  if (!fastest) return null;
  const bound = (1 + share) * meanSeconds(fastest);
  const winner = order
    .filter((contender) => meanSeconds(contender) <= bound)
    .reduce((a, b) => (b.batchSize < a.batchSize ? b : a));
  return { winner, fastest };
}
