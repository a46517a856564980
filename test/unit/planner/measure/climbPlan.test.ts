import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryLines } from '../../../../src/core/sweep/readings';
import {
  climbShare,
  firstOfEachSize,
  foreseenStepMs,
  gainsThroughput,
  isBracketOpen,
  isForeseen,
  isTooSlow,
  nextProof,
  type Bracket,
} from '../../../../src/planner/measure/climbPlan';

const size = (batchSize: number, ms: number | null) => ({
  batchSize,
  stepTime: ms === null ? null : { ms, interval: null },
});

describe('throughput', () => {
  it('is gained by 5% more samples a second, and where nothing was timed', () => {
    expect(gainsThroughput(size(32, 10), size(64, 20 / 1.051))).toBe(true);
    expect(gainsThroughput(size(32, 10), size(64, 20 / 1.049))).toBe(false);
    expect(gainsThroughput(size(32, null), size(64, 20))).toBe(true);
    expect(gainsThroughput(size(32, 10), size(64, null))).toBe(true);
  });
});

describe('a size that takes what smaller ones let expect', () => {
  const line = [8, 16, 32, 64].map((batchSize) => size(batchSize, 1 + batchSize / 16));

  it('needs no further blocks, where four of them are known and two blocks agree', () => {
    const foreseen = foreseenStepMs(line, 128);
    expect(foreseen).toBeCloseTo(9, 6);
    expect(isForeseen({ ms: 9.4, interval: null }, 2, foreseen)).toBe(true);
    expect(isForeseen({ ms: 9.4, interval: null }, 1, foreseen)).toBe(false);
    expect(isForeseen({ ms: 9.5, interval: null }, 2, foreseen)).toBe(false);
    expect(isForeseen({ ms: 9, interval: null }, 2, null)).toBe(false);
  });

  it('is not told of by three, nor by sizes that were not timed', () => {
    expect(foreseenStepMs(line.slice(1), 128)).toBeNull();
    expect(foreseenStepMs([...line.slice(1), size(8, null)], 128)).toBeNull();
  });
});

describe('a size that is too slow for what is left', () => {
  const sizes = [size(200, 200), size(400, 400)];
  const left = { sizes, secondsLeft: 10, budgetSeconds: 100 };

  it('takes more for four updates than the whole climb may', () => {
    expect(isTooSlow(290, left)).toBe(false);
    expect(isTooSlow(310, left)).toBe(true);
  });

  it('is any but the first in the last tenth of the budget, where no step time is known', () => {
    const untimed = { ...left, sizes: [size(200, null), size(400, null)] };
    expect(isTooSlow(8, untimed)).toBe(false);
    expect(isTooSlow(8, { ...untimed, secondsLeft: 9 })).toBe(true);
    expect(isTooSlow(8, { ...untimed, secondsLeft: 9, sizes: [] })).toBe(false);
  });

  const measured = (batchSize: number, ms: number, interval: readonly [number, number] | null) => ({
    batchSize,
    stepTime: { ms, interval },
  });
  const climb = (sizes: readonly ReturnType<typeof measured>[], secondsLeft: number) => ({
    sizes,
    secondsLeft,
    budgetSeconds: 1.2 * secondsLeft,
  });

  it('is told far beyond the sizes timed only by more than these scatter', () => {
    const scattered = climb([measured(8, 2.6, [1.2, 4]), measured(16, 5.4, [3.6, 7.2])], 20);
    expect(isTooSlow(4096, scattered)).toBe(false);
    const seldomTimed = climb([measured(8, 2.6, null), measured(16, 5.4, null)], 20);
    expect(isTooSlow(4096, seldomTimed)).toBe(false);
    const precise = climb([measured(8, 100, [98, 102]), measured(16, 200, [196, 204])], 60);
    expect(isTooSlow(4096, precise)).toBe(true);
  });

  it('is never told where the size is fast by every interval', () => {
    const positive = fc.double({ min: 0.01, max: 10, noNaN: true });
    const share = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.array(share, { minLength: 3, maxLength: 3 }),
        (a, b, off) => {
          const sizes = off.map((error, index) => {
            const batchSize = 8 * 2 ** index;
            const ms = (a + b * batchSize) * (1 + error);
            return measured(batchSize, ms, [ms / 1.3, ms / 0.7]);
          });
          const batchSize = 4096;
          // Just enough for four updates in the climb's share of it.
          const secondsLeft = (1.001 * 4 * (a + b * batchSize)) / climbShare / 1000;
          expect(isTooSlow(batchSize, climb(sizes, secondsLeft))).toBe(false);
        },
      ),
    );
  });
});

/** Looks for the largest size that fits, as a probe does; returns it with the sizes that ran. */
function search(from: Bracket, fits: number, memory: MemoryLines | null, limit: number | null) {
  let bracket = from;
  const ran: number[] = [];
  while (isBracketOpen(bracket)) {
    const next = nextProof(bracket, memory, limit, ran.length);
    expect(next).toBeGreaterThan(bracket.low);
    expect(next).toBeLessThan(bracket.high);
    ran.push(next);
    bracket = next <= fits ? { ...bracket, low: next } : { ...bracket, high: next };
  }
  return { largest: bracket.low, ran };
}

const whole = (min: number, max: number) => fc.integer({ min, max });

describe('the search for the largest size that fits', () => {
  it('ends within 1/64 of it, however wrong the memory model is', () => {
    fc.assert(
      fc.property(
        whole(1, 5_000),
        whole(1, 5_000),
        whole(0, 5_000),
        fc.option(fc.record({ zero: whole(0, 10_000), slope: whole(0, 20) })),
        fc.option(whole(0, 100_000)),
        (low, above, more, model, limit) => {
          const fits = low + more;
          const from = { low, high: fits + above };
          const lines = model && {
            updateBytes: [0, 0],
            activationBytes: [model.zero, model.slope],
          };
          const { largest, ran } = search(from, fits, lines as MemoryLines | null, limit);
          expect(largest).toBeLessThanOrEqual(fits);
          expect(fits).toBeLessThanOrEqual(largest + Math.max(1, largest / 64));
          expect(ran.length).toBeLessThanOrEqual(5 + Math.log2(from.high));
        },
      ),
    );
  });

  it('takes two proofs where the model is right: the size, and one just above it', () => {
    const memory: MemoryLines = { updateBytes: [1_000, 0], activationBytes: [500, 10] };
    // (20,500 − 500) / 10
    const { largest, ran } = search({ low: 1_024, high: 4_096 }, 2_000, memory, 20_500);
    expect(largest).toBe(2_000);
    expect(ran).toEqual([2_000, 2_031]);
  });

  it('halves the bracket without a model or a limit', () => {
    const memory: MemoryLines = { updateBytes: [0, 0], activationBytes: [0, 1] };
    expect(nextProof({ low: 100, high: 200 }, null, 150, 0)).toBe(150);
    expect(nextProof({ low: 100, high: 200 }, memory, null, 0)).toBe(150);
    expect(nextProof({ low: 100, high: 200 }, memory, 120, 4)).toBe(150);
  });

  it('does not begin where no size ran', () => {
    expect(isBracketOpen({ low: 0, high: 64 })).toBe(false);
  });
});

describe('the first of each size', () => {
  it('leaves out accumulation, schedules and later trials', () => {
    const trial = (id: string, batchSize: number, gradientAccumulation = 1) => ({
      id,
      batchSize,
      gradientAccumulation,
      schedule: null,
    });
    const grows = { ...trial('grows', 16), schedule: [] };
    const trials = [
      trial('parts', 64, 4),
      grows,
      trial('a', 64),
      trial('b', 32),
      trial('again', 64),
    ];
    expect(new Set(firstOfEachSize(trials).map(({ id }) => id))).toEqual(new Set(['a', 'b']));
  });
});
