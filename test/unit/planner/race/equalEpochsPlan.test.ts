import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affordableEpochs,
  epochSeconds,
  leastSeconds,
  type EpochsBudget,
} from '../../../../src/planner/race/equalEpochsPlan';
import { EvaluationGrid } from '../../../../src/planner/race/evaluationGrid';

const entrant = (batchSize: number, stepSeconds: number) => ({
  batchSize,
  stepSeconds,
  iterations: 0,
  evaluations: 0,
});
const budget: EpochsBudget = { secondsLeft: 100, epochs: 10, samples: 1_000, evaluationSeconds: 0 };

describe('an epoch', () => {
  it('takes its updates, the partial last one included, and two evaluations', () => {
    const seconds = epochSeconds(entrant(300, 0.5), { samples: 1_000, evaluationSeconds: 0.1 });
    expect(seconds).toBeCloseTo(4 * 0.5 + 2 * 0.1);
  });
});

describe('sizes that train equal epochs', () => {
  const entrants = fc.uniqueArray(
    fc.record({
      batchSize: fc.integer({ min: 1, max: 1_000 }),
      stepSeconds: fc.double({ min: 1e-4, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8, selector: ({ batchSize }) => batchSize },
  );
  const budgets = fc.record({
    secondsLeft: fc.double({ min: 0, max: 1_000, noNaN: true }),
    epochs: fc.integer({ min: 1, max: 50 }),
    samples: fc.integer({ min: 1, max: 10_000 }),
    evaluationSeconds: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('train between one and the configured epochs, and only the slowest are left out', () => {
    fc.assert(
      fc.property(entrants, fc.integer({ min: 0, max: 3 }), budgets, (sizes, others, given) => {
        const all = sizes.map(({ batchSize, stepSeconds }) => entrant(batchSize, stepSeconds));
        const plan = affordableEpochs(all, others, given);
        expect(plan.epochs).toBeGreaterThanOrEqual(1);
        expect(plan.epochs).toBeLessThanOrEqual(given.epochs);
        expect(plan.entrants.length).toBeGreaterThanOrEqual(Math.min(2, all.length));
        const taken = plan.entrants.map((each) => epochSeconds(each, given));
        const left = all.filter((each) => !plan.entrants.includes(each));
        for (const each of left) {
          expect(epochSeconds(each, given)).toBeGreaterThanOrEqual(Math.max(...taken));
        }
      }),
    );
  });

  it('take no more than is left, where two sizes can train two epochs', () => {
    fc.assert(
      fc.property(entrants, fc.integer({ min: 0, max: 3 }), budgets, (sizes, others, given) => {
        const all = sizes.map(({ batchSize, stepSeconds }) => entrant(batchSize, stepSeconds));
        const plan = affordableEpochs(all, others, given);
        if (plan.epochs < 2) return;
        const each = plan.entrants.map((one) => epochSeconds(one, given));
        const perEpoch = each.reduce((sum, one) => sum + one, others * Math.max(...each));
        expect(plan.epochs * perEpoch).toBeLessThanOrEqual(given.secondsLeft * (1 + 1e-9));
      }),
    );
  });

  it('give up the slowest size rather than the second epoch', () => {
    const all = [entrant(10, 0.2), entrant(100, 0.5), entrant(1_000, 1)];
    // 20 s, 5 s and 1 s an epoch: 26 s for one of all, 6 s for one of two.
    const plan = affordableEpochs(all, 0, { ...budget, secondsLeft: 50 });
    expect(plan.entrants.map(({ batchSize }) => batchSize)).toEqual([1_000, 100]);
    expect(plan.epochs).toBe(7);
    expect(affordableEpochs(all, 0, { ...budget, secondsLeft: 60 })).toMatchObject({ epochs: 2 });
  });
});

describe('the seconds that sizes need at least', () => {
  it('reach each to its second evaluation', () => {
    const grid = new EvaluationGrid(1_000, 500);
    const first = grid.nextIteration(100, 0);
    const second = grid.nextIteration(100, first);
    const fresh = { ...entrant(100, 0.5), iterations: 0, evaluations: 0 };
    const begun = { ...fresh, iterations: first, evaluations: 1 };
    expect(leastSeconds([fresh], grid, 0.1)).toBeCloseTo(second * 0.5 + 0.2);
    expect(leastSeconds([begun], grid, 0.1)).toBeCloseTo((second - first) * 0.5 + 0.1);
    expect(leastSeconds([fresh, begun], grid, 0)).toBeCloseTo((2 * second - first) * 0.5);
    expect(leastSeconds([{ ...fresh, evaluations: 2 }], grid, 0.1)).toBe(0);
  });
});
