import { medianSorted, quantileSorted } from 'simple-statistics';
import type { Random } from '../../../src/trainer/random/seededRandom';

/**
 * Seconds to the target of every size, seed by seed (the same seeds in the same order for all).
 * Infinity: the seed never gets there.
 */
export type SecondsBySize = ReadonlyMap<number, readonly number[]>;

/** How often each seed counts; a bootstrap draws them. */
type Weights = readonly number[];

/**
 * Cross-fitted regret: the best size is chosen on half of the seeds, and the policy's mean time is
 * divided by that size's on the other half; averaged over every way of halving, both ways round.
 * Choosing and judging on the same seeds would call the luckiest size the best. NaN where no half
 * can be judged.
 */
export function crossFittedRegret(
  truth: SecondsBySize,
  policy: readonly number[],
  weights: Weights = policy.map(() => 1),
): number {
  const ratios = halvings(policy.length).flatMap(([choosing, judging]) => {
    if (isEmpty(choosing, weights) || isEmpty(judging, weights)) return [];
    const best = bestOn(truth, choosing, weights);
    const reference = best && weightedMean(best, judging, weights);
    if (reference === null || !Number.isFinite(reference)) return [];
    return [weightedMean(policy, judging, weights) / reference];
  });
  return ratios.length === 0 ? NaN : ratios.reduce((a, b) => a + b, 0) / ratios.length;
}

/** The policy's mean time over that of the best size, both on all seeds: at least 1 for a size. */
export function regretInSample(truth: SecondsBySize, policy: readonly number[]): number {
  const best = bestSize(truth);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return best === null ? NaN : mean(policy) / mean(truth.get(best) ?? []);
}

/** The size with the least mean seconds over all seeds; null where none arrives. */
export function bestSize(truth: SecondsBySize): number | null {
  let best: { batchSize: number; seconds: number } | null = null;
  for (const [batchSize, bySeed] of truth) {
    const seconds = bySeed.reduce((a, b) => a + b, 0) / bySeed.length;
    if (Number.isFinite(seconds) && (!best || seconds < best.seconds)) {
      best = { batchSize, seconds };
    }
  }
  return best?.batchSize ?? null;
}

/**
 * Regrets of resampled seeds. A seed drawn twice counts twice but stays in one half, so that no
 * half judges what it chose.
 */
export function bootstrapRegret(
  truth: SecondsBySize,
  policy: readonly number[],
  random: Random,
  replicates = 1000,
): number[] {
  return Array.from({ length: replicates }, () =>
    crossFittedRegret(truth, policy, drawWeights(policy.length, random)),
  );
}

/** The 95% interval of bootstrap replicates, those that judged nothing left out. */
export function interval95(replicates: readonly number[]): readonly [number, number] {
  const sorted = replicates.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return [NaN, NaN];
  return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)];
}

/** Replicate by replicate, the median over tasks, whose seeds are drawn independently. */
export function medianReplicates(byTask: readonly (readonly number[])[]): number[] {
  const count = Math.min(...byTask.map(({ length }) => length));
  if (!Number.isFinite(count)) return [];
  return Array.from({ length: count }, (_, index) =>
    medianOf(byTask.flatMap((replicates) => replicates[index] ?? [])),
  );
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : medianSorted(sorted);
}

/** Every way of choosing half of `count` seeds (rounded down) to choose on; the rest judges. */
export function halvings(count: number): [number[], number[]][] {
  const half = Math.floor(count / 2);
  const splits: [number[], number[]][] = [];
  for (let mask = 0; mask < 2 ** count; mask++) {
    const seeds = Array.from({ length: count }, (_, index) => index);
    const choosing = seeds.filter((index) => (mask >> index) & 1);
    if (choosing.length !== half) continue;
    splits.push([choosing, seeds.filter((index) => !choosing.includes(index))]);
  }
  return splits;
}

function bestOn(
  truth: SecondsBySize,
  seeds: readonly number[],
  weights: Weights,
): readonly number[] | null {
  let best: { bySeed: readonly number[]; seconds: number } | null = null;
  for (const bySeed of truth.values()) {
    const seconds = weightedMean(bySeed, seeds, weights);
    if (!best || seconds < best.seconds) best = { bySeed, seconds };
  }
  return best?.bySeed ?? null;
}

function weightedMean(
  values: readonly number[],
  seeds: readonly number[],
  weights: Weights,
): number {
  let [total, weight] = [0, 0];
  for (const seed of seeds) {
    const each = weights[seed] ?? 0;
    // A seed that never arrives must not become NaN where it was not drawn.
    if (each > 0) total += each * (values[seed] ?? Infinity);
    weight += each;
  }
  return total / weight;
}

function isEmpty(seeds: readonly number[], weights: Weights): boolean {
  return seeds.every((seed) => (weights[seed] ?? 0) === 0);
}

function drawWeights(count: number, random: Random): number[] {
  const weights = Array.from({ length: count }, () => 0);
  for (let i = 0; i < count; i++) {
    const drawn = Math.floor(random() * count);
    weights[drawn] = (weights[drawn] ?? 0) + 1;
  }
  return weights;
}
