import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isClearlyBehind,
  isWorthEvaluating,
  timesSlower,
  valueAt,
} from '../../../../src/planner/race/comparison';

/** A curve that falls from 1 to 0.1 in so many seconds. */
const falling = (seconds: number, until: number, steps = 60) =>
  Array.from({ length: steps + 1 }, (_, i) => {
    const x = (i * until) / steps;
    return { x, value: 10 ** (-x / seconds) };
  });
const rivalry = { metric: 'loss' as const, start: 1, target: 0.1, seconds: 1 };

describe('a curve beside another', () => {
  it('is clearly behind where it takes half as long again, not where it is as fast', () => {
    const best = falling(1, 1.1);
    expect(isClearlyBehind(falling(1.5, 0.4), best, rivalry)).toBe(true);
    expect(isClearlyBehind(falling(1.05, 0.9), best, rivalry)).toBe(false);
    expect(isClearlyBehind(falling(0.7, 0.5), best, rivalry)).toBe(false);
  });

  it('that must be faster is behind where it is only as fast', () => {
    const best = falling(1, 1.3);
    const mustBeFaster = { ...rivalry, mostTimeRatio: 0.85 };
    expect(isClearlyBehind(falling(1, 0.5), best, mustBeFaster)).toBe(true);
    expect(isClearlyBehind(falling(0.8, 0.5), best, mustBeFaster)).toBe(false);
    expect(isClearlyBehind(falling(1, 0.25), best, mustBeFaster)).toBe(false);
  });

  it('is not judged early, nor by one evaluation', () => {
    const best = falling(1, 1.1);
    expect(isClearlyBehind(falling(5, 0.25), best, rivalry)).toBe(false);
    const unlucky = [...falling(1, 0.5), { x: 0.55, value: 0.9 }];
    expect(isClearlyBehind(unlucky, best, rivalry)).toBe(false);
  });

  it('is evaluated only where that can tell something', () => {
    const curve = (...points: [number, number][]) => points.map(([x, value]) => ({ x, value }));
    const isWorth = (seconds: number, ...points: [number, number][]) =>
      isWorthEvaluating(curve([0, 1], ...points), seconds, rivalry);
    // Nothing before it is compared, then twice, for two evaluations may end it.
    expect(isWorth(0.29)).toBe(false);
    expect(isWorth(0.3)).toBe(true);
    expect(isWorth(0.33, [0.3, 0.8])).toBe(true);
    // Then every other one, until it comes close to the target.
    expect(isWorth(0.36, [0.3, 0.8], [0.33, 0.7])).toBe(false);
    expect(isWorth(0.4, [0.3, 0.8], [0.33, 0.7])).toBe(true);
    expect(isWorth(0.36, [0.3, 0.8], [0.33, 0.3])).toBe(true);
    const accuracy = { metric: 'accuracy' as const, start: 0.1, target: 0.9, seconds: 1 };
    const points = curve([0.3, 0.4], [0.33, 0.5]);
    expect(isWorthEvaluating(points, 0.36, accuracy)).toBe(false);
    expect(isWorthEvaluating([...points, { x: 0.4, value: 0.7 }], 0.44, accuracy)).toBe(true);
  });

  it('tells how many times as long it took to where it came', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 4, noNaN: true }), (times) => {
        const slower = timesSlower(falling(times, 0.8), falling(1, 1.1, 400), 'loss');
        expect(slower).toBeCloseTo(times, 1);
      }),
    );
    expect(timesSlower([{ x: 0, value: 1 }], falling(1, 1), 'loss')).toBeNull();
    expect(timesSlower(falling(1, 2), falling(1, 1), 'loss')).toBeNull();
  });

  it('has values between its evaluations, and its last beyond them', () => {
    const curve = [
      { x: 1, value: 4 },
      { x: 3, value: 2 },
    ];
    expect([0, 1, 2, 3, 9].map((x) => valueAt(curve, x))).toEqual([null, 4, 3, 2, 2]);
  });
});
