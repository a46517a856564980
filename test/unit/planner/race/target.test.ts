import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossing } from '../../../../src/core/sweep/curve';
import { budgetToLearn, budgetToSettle } from '../../../../src/planner/race/budget';
import {
  fitOfTarget,
  hasLevelledOff,
  raceTarget,
  targetFromCurve,
  type Baseline,
} from '../../../../src/planner/race/target';
import { seededRandom } from '../../../../src/trainer/random/seededRandom';
import { normal } from '../../tuner/lognormal';

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

const baseline = (changes: Partial<Baseline>): Baseline => ({
  metric: 'loss',
  start: 2,
  guess: null,
  standardError: 0.01,
  ...changes,
});

describe('a target for a race', () => {
  it('is none where nothing was learned, however long and noisy the curve', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('loss', 'accuracy'),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.05, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(),
        (metric, start, standardError, count, seed) => {
          const random = seededRandom(seed);
          const flat = Array.from({ length: count }, () => start + standardError * normal(random));
          expect(raceTarget(flat, baseline({ metric, start, standardError }))).toBeNull();
        },
      ),
    );
  });

  it('is none at the loss of guessing, which a start with a larger loss falls to', () => {
    const guess = Math.log(4);
    const values = Array.from({ length: 60 }, (_, i) => guess + 0.5 * Math.exp(-i));
    expect(raceTarget(values, baseline({ start: 1.9, guess, standardError: 0.001 }))).toBeNull();
    // Not even where evaluations are exact: so little is no learning.
    const barely = values.map((value, i) => value - 0.001 * i * (1 / 60));
    expect(raceTarget(barely, baseline({ start: 1.386, standardError: 1e-5 }))).toBeNull();
  });

  it('lies above the share of the largest class, where accuracy is the metric', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 0.99, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (guess, values) => {
          const at = baseline({ metric: 'accuracy', start: 0.3, guess, standardError: 0.001 });
          const target = raceTarget(values, at);
          if (target !== null) expect(target).toBeGreaterThan(guess);
        },
      ),
    );
    const learned = [0.3, 0.96, 0.99, 0.996, 0.997, 0.998, 0.998, 0.998];
    const at = baseline({ metric: 'accuracy', start: 0.3, guess: 0.99, standardError: 0.001 });
    expect(raceTarget(learned, at)).toBeCloseTo(0.99 + 0.9 * 0.008);
  });

  it('is most of the drop where there was one', () => {
    expect(raceTarget([1.5, 1.2, 1, 1, 1], baseline({}))).toBeCloseTo(1.1);
    expect(raceTarget([1.5, 1.2, 1, 1, 1], baseline({ guess: 1.8 }))).toBeCloseTo(1.08);
  });

  it('is there after a large improvement, though a model that overfits has large errors', () => {
    const falling = [10, 5, 2.2, 1.8, 1.5, 1.45, 1.42, 1.41, 1.41, 1.41];
    const overfitted = baseline({ start: 13.2, guess: 2.08, standardError: 0.12 });
    expect(raceTarget(falling, overfitted)).toBeCloseTo(2.08 - 0.9 * 0.67);
    expect(raceTarget(falling, { ...overfitted, standardError: 0.2 })).toBeNull();
    const small = falling.map((value) => Math.max(value, 1.7));
    expect(raceTarget(small, { ...overfitted, standardError: 0.08 })).toBeNull();
  });

  it('lies on the way from a start that is far off to where it came, while that is far above guessing', () => {
    const far = baseline({ start: 14.5, guess: 2.3, standardError: 0.1 });
    expect(raceTarget([12, 10, 8, 6.6, 6.6, 6.6], far)).toBeCloseTo(14.5 - 0.9 * 7.9);
    // Hardly any better than the start, or hardly any worse than guessing.
    expect(raceTarget([14.4, 14.3, 14.3, 14.2], far)).toBeNull();
    expect(raceTarget([8, 4, 2.6, 2.4, 2.4], far)).toBeNull();
    expect(
      raceTarget([0.2, 0.3, 0.3], { ...far, metric: 'accuracy', start: 0.1, guess: 0.9 }),
    ).toBeNull();
  });

  it('needs no second evaluation where one is no luck', () => {
    const falling = baseline({ start: 12.9, guess: 2.3, standardError: 0.11 });
    expect(raceTarget([12, 11.2, 3.8, 1.88, 0.66], falling)).toBeCloseTo(2.3 - 0.9 * 1.64);
    expect(raceTarget([12, 11.2, 3.8, 1.88, 1.87], falling)).toBeNull();
  });

  it('that is given is checked against the start and what trials came to', () => {
    expect(fitOfTarget(2.5, 2.3, 'loss')).toBe('met');
    expect(fitOfTarget(0.1, 0.3, 'accuracy')).toBe('met');
    expect(fitOfTarget(0.3, 2.3, 'loss')).toBe('fits');
    expect(fitOfTarget(0.3, 2.3, 'loss', 2)).toBe('far');
    expect(fitOfTarget(0.3, 2.3, 'loss', 0.5)).toBe('fits');
  });
});

const amount = fc.double({ min: 0.01, max: 1e4, noNaN: true });

describe('the budget that would do', () => {
  it('is more than was spent, and enough for many trainings longer than the one in vain', () => {
    fc.assert(
      fc.property(
        amount,
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 1e-5, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        (rest, updates, stepSeconds, configuredUpdates) => {
          const spentSeconds = rest + updates * stepSeconds;
          const tried = { spentSeconds, updates, stepSeconds, configuredUpdates };
          const budget = budgetToLearn(tried);
          expect(budget).toBeGreaterThan(spentSeconds);
          expect(budget).toBeGreaterThanOrEqual(20 * updates * stepSeconds);
        },
      ),
    );
  });

  it('lets each size that was stopped train to where it has lost', () => {
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (spent, best, shares) => {
          const budget = budgetToSettle(
            spent,
            best,
            shares.map((share) => share * best),
          );
          let left = budget - spent;
          for (const share of shares) {
            const missing = (1.15 - share) * best;
            expect(missing).toBeLessThanOrEqual(left / 3 + 1e-6);
            left -= missing;
          }
        },
      ),
    );
  });
});
