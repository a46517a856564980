import type { Schedule } from '../../core/sweep/result';

interface GrowthEvidence {
  /** The noise scale in samples: when training began, and last or what it then was at least. */
  readonly noise: { readonly first: number; readonly last: number };
  /** The best constant size, and the epochs it needed. */
  readonly batchSize: number;
  readonly epochsToTarget: number;
  /** Seconds that the best constant size needed. */
  readonly secondsToTarget: number;
  /** Sizes that were measured. */
  readonly sizes: readonly number[];
  readonly secondsPerEpochOf: (batchSize: number) => number;
  readonly learningRateOf: (batchSize: number) => number;
}

/** A rise of the noise scale that counts: less is within its interval. */
const leastRise = 2;
/** Share of the epochs to the target that the small size trains. */
const smallShare = 1 / 3;
/** Most of the best constant size's seconds that the small size may train, for more follows. */
const smallSecondsShare = 2 / 3;

/**
 * A schedule that starts small and grows to the best constant size (arXiv 1711.00489): as much
 * smaller as the noise scale was at first, or as far as time allows. Null where noise did not rise
 * by a factor of two, where training takes too few epochs to change within it, or where no smaller
 * size was measured that is fast enough.
 */
export function growthSchedule(evidence: GrowthEvidence): Schedule | null {
  const { noise, batchSize, epochsToTarget, learningRateOf } = evidence;
  if (noise.last < leastRise * noise.first) return null;
  const wanted = (batchSize * noise.first) / noise.last;
  const epoch = Math.max(1, Math.round(smallShare * epochsToTarget));
  if (epoch >= epochsToTarget) return null;
  const sizes = evidence.sizes.filter((size) => {
    const seconds = epoch * evidence.secondsPerEpochOf(size);
    return size < batchSize && seconds <= smallSecondsShare * evidence.secondsToTarget;
  });
  const smaller = sizes.filter((size) => size <= wanted);
  const from = smaller.length > 0 ? Math.max(...smaller) : Math.min(...sizes);
  if (!Number.isFinite(from)) return null;
  return [
    { epoch: 0, batchSize: from, learningRate: learningRateOf(from) },
    { epoch, batchSize, learningRate: learningRateOf(batchSize) },
  ];
}
