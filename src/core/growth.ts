import type { NoisePoint, Schedule } from './result';

export interface GrowthEvidence {
  /** The noise scale as training went on. */
  readonly noise: readonly NoisePoint[];
  /** The best constant size, and the epochs it needed. */
  readonly batchSize: number;
  readonly epochsToTarget: number;
  /** Sizes that were measured. */
  readonly sizes: readonly number[];
  readonly learningRateOf: (batchSize: number) => number;
}

/** A rise of the noise scale that counts: less is within its interval. */
const leastRise = 2;
/** Share of the epochs to the target that the small size trains. */
const smallShare = 1 / 3;

/**
 * A schedule that starts small and grows to the best constant size (arXiv 1711.00489): as much
 * smaller as the noise scale was at first. Null where noise did not rise by a factor of two, where
 * training takes too few epochs to change within it, or where no smaller size was measured.
 */
export function growthSchedule(evidence: GrowthEvidence): Schedule | null {
  const { noise, batchSize, epochsToTarget, sizes, learningRateOf } = evidence;
  const [first, last] = [noise[0], noise.at(-1)];
  if (!first || !last || last.value < leastRise * first.value) return null;
  const wanted = (batchSize * first.value) / last.value;
  const from = Math.max(0, ...sizes.filter((size) => size <= wanted && size < batchSize));
  const epoch = Math.max(1, Math.round(smallShare * epochsToTarget));
  if (from === 0 || epoch >= epochsToTarget) return null;
  return [
    { epoch: 0, batchSize: from, learningRate: learningRateOf(from) },
    { epoch, batchSize, learningRate: learningRateOf(batchSize) },
  ];
}
