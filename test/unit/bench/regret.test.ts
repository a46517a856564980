import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import {
  bestSize,
  bootstrapRegret,
  crossFittedRegret,
  halvings,
  interval95,
  medianOf,
  medianReplicates,
} from '../../bench/tuner/regret';

/** Sizes whose seconds scatter by up to 20% around their own mean. */
function noisy(means: readonly number[], seeds: number, seed: number): Map<number, number[]> {
  const random = seededRandom(seed);
  return new Map(
    means.map((mean, index) => [
      2 ** index,
      Array.from({ length: seeds }, () => mean * (0.8 + 0.4 * random())),
    ]),
  );
}

describe('cross-fitted regret', () => {
  it('is the ratio of the times where seeds do not scatter', () => {
    const truth = new Map([
      [8, [4, 4, 4, 4]],
      [16, [2, 2, 2, 2]],
      [32, [3, 3, 3, 3]],
    ]);
    expect(crossFittedRegret(truth, [2, 2, 2, 2])).toBe(1);
    expect(crossFittedRegret(truth, [3, 3, 3, 3])).toBeCloseTo(1.5);
    expect(crossFittedRegret(truth, [4, 4, 4, 4])).toBeCloseTo(2);
    expect(bestSize(truth)).toBe(16);
  });

  it('never judges a size by the seeds it was chosen on', () => {
    // Each size is lucky on one half; chosen and judged on the same seeds the regret would be 10.
    const truth = new Map([
      [8, [1, 1, 10, 10]],
      [16, [10, 10, 1, 1]],
    ]);
    const regrets = [...truth.values()].map((policy) => crossFittedRegret(truth, policy));
    for (const regret of regrets) expect(regret).toBeLessThan(4);
  });

  it('scales with the policy and not with the unit of time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 20, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.integer(),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (means, seed, factor) => {
          const truth = noisy(means, 6, seed);
          const policy = truth.get(1) ?? [];
          const slower = policy.map((value) => factor * value);
          const inOtherUnits = new Map(
            [...truth].map(([size, values]) => [size, values.map((value) => 60 * value)]),
          );
          const regret = crossFittedRegret(truth, policy);
          expect(crossFittedRegret(truth, slower)).toBeCloseTo(factor * regret, 8);
          const minutes = policy.map((value) => 60 * value);
          expect(crossFittedRegret(inOtherUnits, minutes)).toBeCloseTo(regret, 8);
        },
      ),
    );
  });

  it('of a policy that never arrives is infinite; sizes that never arrive are never the best', () => {
    const truth = new Map([
      [8, [2, 2, 2, 2]],
      [16, [Infinity, 1, Infinity, 1]],
    ]);
    expect(crossFittedRegret(truth, [Infinity, 1, Infinity, 1])).toBe(Infinity);
    expect(crossFittedRegret(truth, [2, 2, 2, 2])).toBeGreaterThanOrEqual(1);
    expect(bestSize(truth)).toBe(8);
    expect(bestSize(new Map([[8, [Infinity, 1]]]))).toBeNull();
  });

  it('averages over every halving, both ways round', () => {
    const splits = halvings(6);
    expect(splits).toHaveLength(20);
    for (const [choosing, judging] of splits) {
      expect([...choosing, ...judging].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(choosing).toHaveLength(3);
      expect(splits).toContainEqual([judging, choosing]);
    }
  });
});

describe('the bootstrap', () => {
  it('covers the true regret about as often as it says', () => {
    const means = [3, 2, 2.4];
    let covered = 0;
    const repeats = 60;
    for (let seed = 0; seed < repeats; seed++) {
      const truth = noisy(means, 6, seed);
      const replicates = bootstrapRegret(truth, truth.get(1) ?? [], seededRandom(seed), 200);
      const [low, high] = interval95(replicates);
      if (low <= 1.5 && 1.5 <= high) covered++;
    }
    expect(covered / repeats).toBeGreaterThan(0.7);
  });

  it('gives the same interval for the same seed, and a point where nothing scatters', () => {
    const truth = noisy([3, 2, 2.4], 6, 1);
    const draw = () => bootstrapRegret(truth, truth.get(4) ?? [], seededRandom(3), 50);
    expect(draw()).toEqual(draw());
    const still = new Map([
      [8, [1, 1, 1, 1]],
      [16, [2, 2, 2, 2]],
    ]);
    expect(interval95(bootstrapRegret(still, [2, 2, 2, 2], seededRandom(1), 50))).toEqual([2, 2]);
  });

  it('takes medians over tasks replicate by replicate', () => {
    expect(
      medianReplicates([
        [1, 5],
        [2, 4],
        [9, 3],
      ]),
    ).toEqual([2, 4]);
    expect(medianOf([1, NaN, 3, Infinity])).toBe(3);
    expect(interval95([NaN, NaN])).toEqual([NaN, NaN]);
  });
});
