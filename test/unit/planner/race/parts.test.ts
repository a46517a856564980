import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf, type ClimbEnd } from '../../../../src/planner/race/parts';

const end: ClimbEnd = {
  isMemoryBound: true,
  largest: 100,
  measured: [8, 64, 100, 128],
  samples: 1_000,
};

describe('the parts of a batch that does not fit', () => {
  it('are the fewest that are no larger than a size that ran', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5_000 }),
        (measured, batchSize) => {
          const largest = Math.max(...measured);
          const samples = 5_000;
          const parts = partsOf(batchSize, { isMemoryBound: true, largest, measured, samples });
          if (batchSize <= largest) {
            expect(parts).toBeNull();
            return;
          }
          if (parts === null) throw new Error('no parts');
          expect(batchSize / parts).toBeLessThanOrEqual(largest);
          expect(batchSize / (parts - 1)).toBeGreaterThan(largest);
        },
      ),
    );
  });

  it('never are a size whose memory was measured but which is above the largest that fits', () => {
    expect(partsOf(256, end)).toBe(3);
    expect(partsOf(256, { ...end, measured: [8, 64, 128] })).toBe(4);
  });

  it('are none where the size fits, fills no batch, or where memory did not end the climb', () => {
    expect(partsOf(100, end)).toBeNull();
    expect(partsOf(1_001, end)).toBeNull();
    expect(partsOf(256, { ...end, isMemoryBound: false })).toBeNull();
    expect(partsOf(256, { ...end, largest: null })).toBeNull();
    expect(partsOf(256, { ...end, measured: [] })).toBeNull();
  });
});
