import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estimateStepTime,
  isPrecise,
  waitingShareOf,
  type TimedBlock,
} from '../../../../src/planner/measure/stepTimeFit';
import { warmUpOf } from '../../../../src/planner/measure/warmUp';
import { seededRandom } from '../../../../src/trainer/random/seededRandom';
import { lognormal, normal } from '../../tuner/lognormal';

const blocksOf = (steps: readonly number[], extra: Partial<TimedBlock> = {}): TimedBlock[] =>
  steps.map((step) => ({ iterations: 10, ms: 10 * step, ...extra }));
const step = fc.double({ min: 0.1, max: 100, noNaN: true });

describe('a step time', () => {
  it('stays among the other blocks, however slow one of them was', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 100, max: 1e6, noNaN: true }),
        fc.nat(),
        (steps, slow, at) => {
          const disturbed = steps.toSpliced(at % (steps.length + 1), 0, slow);
          const ms = estimateStepTime(blocksOf(disturbed))?.ms ?? NaN;
          expect(ms).toBeGreaterThanOrEqual(Math.min(...steps) * (1 - 1e-12));
          expect(ms).toBeLessThanOrEqual(Math.max(...steps) * (1 + 1e-12));
        },
      ),
    );
  });

  it('has an interval that holds the truth about 95 times in 100 once there are a few blocks', () => {
    const random = seededRandom(5);
    for (const count of [4, 6, 10, 30]) {
      let hits = 0;
      for (let i = 0; i < 2000; i++) {
        const steps = Array.from({ length: count }, () => 10 + normal(random));
        const interval = estimateStepTime(blocksOf(steps))?.interval;
        if (interval && interval[0] <= 10 && 10 <= interval[1]) hits++;
      }
      expect(hits / 2000).toBeGreaterThan(0.9);
    }
  });

  it('is the time on the processor, however long the wall clock says it took', () => {
    const quiet = blocksOf([1, 1.01, 0.99, 1.02], { cpuMs: 10, waitingShare: 0 });
    const busy = blocksOf([4, 2.2, 3.7, 5], { cpuMs: 10, waitingShare: 0.7 });
    expect(estimateStepTime(busy)).toEqual(estimateStepTime(quiet));
  });

  it('is less certain downwards by what the work waited, where only the wall clock is known', () => {
    const steps = [1, 1.01, 0.99, 1.02, 1];
    const quiet = estimateStepTime(blocksOf(steps, { waitingShare: 0 }));
    const busy = estimateStepTime(blocksOf(steps, { waitingShare: 0.5 }));
    expect(quiet && isPrecise(quiet)).toBe(true);
    expect(busy?.ms).toBe(quiet?.ms);
    expect(busy?.interval?.[0]).toBeCloseTo((quiet?.interval?.[0] ?? 0) / 2);
    expect(busy?.interval?.[1]).toBe(quiet?.interval?.[1]);
  });

  it('is that of a faster block, the more the work waited, where only the wall clock is known', () => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const at = (waitingShare: number) => estimateStepTime(blocksOf(steps, { waitingShare }))?.ms;
    expect([0, 0.25, 0.5, 1].map(at)).toEqual([5, 4, 3, 1]);
  });

  it('tells the share of waiting over all blocks, and nothing where no block tells', () => {
    const blocks = [
      { iterations: 1, ms: 30, waitingShare: 0.5 },
      { iterations: 1, ms: 10, waitingShare: 0.1 },
      { iterations: 1, ms: 99 },
    ];
    expect(waitingShareOf(blocks)).toBeCloseTo(0.4);
    expect(waitingShareOf(blocksOf([1, 2]))).toBeNull();
  });
});

/** What a just-in-time compiler makes of steps: ever faster stages, and scatter. */
interface Stages {
  readonly lengths: readonly number[];
  readonly factors: readonly number[];
  readonly seed: number;
}

const stages = fc.record({
  lengths: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 0, maxLength: 4 }),
  factors: fc.array(fc.double({ min: 1.2, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
  seed: fc.nat(),
});

/** Blocks of one update each: the last stage takes 1 ms, each before it so many times as long. */
function compiled({ lengths, factors, seed }: Stages, settledBlocks: number): TimedBlock[] {
  const random = seededRandom(seed);
  const levels = lengths.map((_, stage) =>
    factors.slice(stage, lengths.length).reduce((a, b) => a * b, 1),
  );
  const warm = lengths.flatMap((length, stage) => Array<number>(length).fill(levels[stage] ?? 1));
  return [...warm, ...Array<number>(settledBlocks).fill(1)].map((ms) => ({
    iterations: 1,
    ms: ms * lognormal(random, 0.01),
  }));
}

const spent = (blocks: readonly TimedBlock[]) => blocks.reduce((sum, { ms }) => sum + ms, 0);

describe('the warm-up of a size', () => {
  it('is told from what follows it, whatever stages a compiler went through', () => {
    fc.assert(
      fc.property(stages, (made) => {
        const warm = spent(compiled(made, 0));
        const blocks = compiled(made, 12 + Math.ceil(4 * warm));
        const { state, blocks: counted } = warmUpOf(blocks);
        expect(state).toBe('settled');
        expect(estimateStepTime(counted)?.ms).toBeCloseTo(1, 1);
        for (const { ms } of counted) expect(ms).toBeLessThan(1.15);
      }),
    );
  });

  it('is not over while steps still get faster', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        fc.integer({ min: 8, max: 200 }),
        (slope, count) => {
          const blocks = Array.from({ length: count }, (_, i) => ({
            iterations: 1,
            ms: 100 * (1 + i) ** -slope,
          }));
          expect(warmUpOf(blocks).state).toBe('falling');
        },
      ),
    );
  });

  it('leaves nothing out where there was none', () => {
    const random = seededRandom(3);
    const blocks = blocksOf(Array.from({ length: 20 }, () => lognormal(random, 0.02)));
    expect(warmUpOf(blocks)).toEqual({ state: 'settled', blocks });
    expect(warmUpOf(blocks.slice(0, 3)).state).toBe('unknown');
    expect(warmUpOf([])).toEqual({ state: 'unknown', blocks: [] });
  });
});
