import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossing } from '../../../../src/core/sweep/curve';
import { hasLevelledOff, targetFromCurve } from '../../../../src/planner/race/target';

const curve = (...values: number[]) => values.map((value, x) => ({ x, value }));

describe('the crossing of a target', () => {
  it('is interpolated between evaluations', () => {
    expect(crossing(curve(1, 0.8, 0.6, 0.4, 0.2), 'loss', 0.5)).toBeCloseTo(2.5);
    expect(crossing(curve(0.1, 0.5, 0.7, 0.8), 'accuracy', 0.6)).toBeCloseTo(1.5);
  });

  it('is not made by one lucky evaluation, nor by the last', () => {
    expect(crossing(curve(1, 0.9, 0.1, 0.85, 0.8), 'loss', 0.5)).toBeNull();
    expect(crossing(curve(1, 0.9, 0.8, 0.4), 'loss', 0.5)).toBeNull();
    expect(crossing([], 'loss', 0.5)).toBeNull();
  });

  it('lies where a falling curve has the target, for any curve and target', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (drops, share) => {
          let value = 100;
          const points = drops.map((drop, x) => ({ x, value: (value -= drop) }));
          const first = points[0]?.value ?? 0;
          const last = points.at(-2)?.value ?? 0;
          const target = first + share * (last - first);
          const at = crossing(points, 'loss', target);
          if (at === null) throw new Error('did not cross');
          const before = points[Math.floor(at)];
          const after = points[Math.ceil(at)];
          expect(before?.value).toBeGreaterThanOrEqual(target - 1e-9);
          expect(after?.value).toBeLessThanOrEqual(target + 1e-9);
        },
      ),
    );
  });
});

describe('the target from a pilot', () => {
  it('is 90% of the drop', () => {
    expect(targetFromCurve(2, [1.5, 1.2, 1, 1, 1], 'loss')).toBeCloseTo(1.1);
    expect(targetFromCurve(0.1, [0.5, 0.6, 0.6, 0.6], 'accuracy')).toBeCloseTo(0.55);
    expect(targetFromCurve(1, [1.2, 1.3, 1.1], 'loss')).toBeNull();
  });

  it('ends where the last third of training brings little, however long an epoch is', () => {
    const falling = (count: number, rate: number) =>
      Array.from({ length: count }, (_, i) => ({ x: i + 1, value: Math.exp(-rate * (i + 1)) }));
    const level = (rate: number, error = 0) =>
      Array.from({ length: 200 }, (_, i) => i + 1).find((count) =>
        hasLevelledOff(1, falling(count, rate), 'loss', error),
      );
    // u² − u³ = 0.05·(1 − u³) with u = exp(−rate·x/3), at 4.1 time constants.
    expect((level(0.05) ?? 0) * 0.05).toBeCloseTo(4.1, 0);
    expect((level(0.1) ?? 0) * 0.1).toBeCloseTo(4.1, 0);
    // A noisy metric ends it earlier, but not before anything was learned.
    expect(level(0.05, 0.1)).toBeLessThan(level(0.05) ?? 0);
    expect(level(0.05, 0.3)).toBeUndefined();
    const rising = falling(100, 0.1).map(({ x, value }) => ({ x, value: 1 - value }));
    expect(hasLevelledOff(0, rising, 'accuracy', 0)).toBe(true);
    expect(hasLevelledOff(0, rising.slice(0, 10), 'accuracy', 0)).toBe(false);
    expect(hasLevelledOff(1, [], 'loss', 0.1)).toBe(false);
  });
});
