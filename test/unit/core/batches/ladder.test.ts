import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchSizeLadder, nearestRung } from '../../../../src/core/batches/ladder';

const rungs = (...args: Parameters<typeof batchSizeLadder>) => {
  const ladder = batchSizeLadder(...args);
  return ladder.ok ? ladder.value : ladder.problem.reason;
};

describe('the ladder of batch sizes', () => {
  it('doubles from the minimum and ends at the data set', () => {
    expect(rungs({ min: 8 }, 1437)).toEqual([8, 16, 32, 64, 128, 256, 512, 1024, 1437]);
    expect(rungs({ min: 8, max: 100 }, 1437)).toEqual([8, 16, 32, 64, 100]);
    expect(rungs({ min: 8, max: 5000 }, 64)).toEqual([8, 16, 32, 64]);
    expect(rungs({ min: 8 }, 5)).toEqual([5]);
  });

  it('takes a list in order and names what is wrong with it', () => {
    expect(rungs([64, 8, 64], 100)).toEqual([8, 64]);
    expect(rungs([8, 101], 100)).toBe('batchSizeAboveDataset');
    expect(rungs([0], 100)).toBe('batchSizeNotPositive');
    expect(rungs([1.5], 100)).toBe('batchSizeNotPositive');
    expect(rungs([], 100)).toBe('batchSizesEmpty');
    expect(rungs({ min: 64, max: 8 }, 100)).toBe('batchSizeRangeReversed');
  });

  it('is ascending, within the data set, and at most doubles', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100_000 }),
        (min, samples) => {
          const ladder = rungs({ min }, samples);
          if (typeof ladder === 'string') throw new Error(ladder);
          expect(ladder.at(-1)).toBe(samples);
          for (const [i, rung] of ladder.entries()) {
            const before = ladder[i - 1] ?? rung / 2;
            expect(rung).toBeGreaterThan(before);
            expect(rung).toBeLessThanOrEqual(2 * before);
          }
        },
      ),
    );
  });

  it('finds the nearest rung in doublings', () => {
    expect(nearestRung([8, 16, 32], 30)).toBe(32);
    expect(nearestRung([8, 64], 20)).toBe(8);
    expect(nearestRung([], 20)).toBeNull();
  });
});
