import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  effectiveBatchSize,
  iterationsPerEpoch,
  lastBatchSize,
  totalIterations,
} from '../../../../src/core/batches/arithmetic';

const size = fc.integer({ min: 1, max: 10_000_000 });
const samples = fc.integer({ min: 0, max: 1_000_000_000 });

describe('batch arithmetic', () => {
  it('matches the textbook numbers', () => {
    expect(iterationsPerEpoch(1_000, 100)).toBe(10);
    expect(iterationsPerEpoch(10_000, 100)).toBe(100);
    expect(iterationsPerEpoch(60_000, 128)).toBe(469);
    expect(lastBatchSize(60_000, 128)).toBe(96);
    expect(lastBatchSize(1_000, 100)).toBeNull();
    expect(iterationsPerEpoch(50, 64)).toBe(1);
    expect(lastBatchSize(50, 64)).toBe(50);
    expect(totalIterations(60_000, 128, 10)).toBe(4_690);
    expect(effectiveBatchSize(8, 4)).toBe(32);
    expect(iterationsPerEpoch(0, 32)).toBe(0);
  });

  it('cuts an epoch into full batches and at most one smaller one', () => {
    fc.assert(
      fc.property(samples, size, (n, b) => {
        const last = lastBatchSize(n, b);
        const full = iterationsPerEpoch(n, b) - (last === null ? 0 : 1);
        expect(full * b + (last ?? 0)).toBe(n);
        if (last !== null) {
          expect(last).toBeGreaterThan(0);
          expect(last).toBeLessThan(b);
        }
      }),
    );
  });

  it('never needs more updates for a larger batch', () => {
    fc.assert(
      fc.property(samples, size, size, (n, b, more) => {
        expect(iterationsPerEpoch(n, b + more)).toBeLessThanOrEqual(iterationsPerEpoch(n, b));
      }),
    );
  });

  it('repeats the epoch for every epoch, partial batch and all', () => {
    fc.assert(
      fc.property(samples, size, fc.integer({ min: 1, max: 1_000 }), (n, b, epochs) => {
        expect(totalIterations(n, b, epochs)).toBe(epochs * iterationsPerEpoch(n, b));
        expect(totalIterations(n, b, epochs)).toBeGreaterThanOrEqual(Math.ceil((n * epochs) / b));
      }),
    );
  });

  it('sees as many samples an update with accumulation as with one large batch', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 4096 }),
        fc.integer({ min: 1, max: 64 }),
        (n, b, k) => {
          const updates = iterationsPerEpoch(n, effectiveBatchSize(b, k));
          expect(updates).toBe(Math.ceil(iterationsPerEpoch(n, b) / k));
        },
      ),
    );
  });
});
