import { describe, expect, it } from 'vitest';
import { truthSeeds, unscaledSeeds } from '../../bench/tuner/computeTruth';
import { judge, judgedAs, secondsBySize } from '../../bench/tuner/judge';
import type { Now } from '../../bench/tuner/measureNow';
import type { Swept } from '../../bench/tuner/runSweep';
import type { Truth, TruthRun } from '../../bench/tuner/truthFile';
import { goalsOf } from '../../bench/tuner/verdict';
import { summarize } from '../../bench/tuner/judge';

const ladder = [8, 32, 128, 500];
/** Updates to the target by size; 4 ms a step up to 128 make 32 s, 10 s, 4 s and never. */
const updates: Record<number, number | null> = { 8: 8000, 32: 2500, 128: 1000, 500: null };

function run(seed: number, batchSize: number, scaled: boolean): TruthRun {
  const needed = updates[batchSize] ?? null;
  return {
    seed,
    batchSize,
    scaled,
    learningRate: 0.01,
    status: 'ok',
    updates: needed,
    trained: needed ?? 3000,
    evaluations: 10,
  };
}

function truthOf(runs: readonly TruthRun[]): Truth {
  return {
    task: 'planted',
    hash: '',
    backend: { name: 'wasm', versions: {} },
    grid: { batchSize: 32, seeds: [], losses: [] },
    learningRate: 0.01,
    largest: null,
    target: 0.1,
    check: { seed: 1, losses: [] },
    noise: [],
    runs: [...runs],
  };
}

const truth = truthOf([
  ...truthSeeds.flatMap((seed) => ladder.map((size) => run(seed, size, true))),
  ...unscaledSeeds.flatMap((seed) => [8, 128].map((size) => run(seed, size, false))),
  // A size that failed once is not trained with other seeds.
  run(truthSeeds[0] ?? 0, 500, false),
]);

const now: Now = {
  sizes: ladder.map((batchSize) => ({ batchSize, stepMs: 4, peakBytes: 1e6 * batchSize })),
  evaluationMs: 5,
};

function swept(batchSize: number): Swept {
  return {
    seed: 42,
    batchSize,
    target: 0.1,
    seconds: 20,
    loadSeconds: 1,
    probeSeconds: 9,
    trainedSeconds: 8,
    timeToTargetSeconds: 4,
    trials: [],
    largestBatchSize: 500,
  };
}

const about = { name: 'planted', about: '', samples: 500, capacityBytes: Infinity };
const start = { loadSeconds: 1, probeSeconds: 9 };

describe('the report of a task', () => {
  const report = judge(about, truth, now, [swept(128)], start);
  const of = (policy: string) => report.choices.find((choice) => choice.policy.includes(policy));

  it('finds the planted best size and what others lose', () => {
    expect(report.best).toBe(128);
    expect(report.bestSeconds).toBeCloseTo(4);
    expect(of('Batchwise')?.regret).toBeCloseTo(1);
    expect(of('fixed 32')?.regret).toBeCloseTo(2.5);
    expect(of('Lightning power')?.regret).toBe(Infinity);
    expect(of('fixed 32')?.regretInSample).toBeCloseTo(2.5);
  });

  it('says what choices come to with the learning rate as configured', () => {
    expect(of('Batchwise')?.regretAsConfigured).toBeCloseTo(1);
    expect(of('fixed 32')?.regretAsConfigured).toBeCloseTo(2.5);
    expect(of('Lightning power')?.regretAsConfigured).toBe(Infinity);
  });

  it('counts a whole sweep against a whole exhaustive one', () => {
    // Updates and evaluations of the ladder at 4 and 5 ms; 3,000 updates of the size that fails.
    const trainSeconds = (14_500 * 4 + 40 * 5) / 1000;
    expect(report.exhaustive.trainSeconds).toBeCloseTo(trainSeconds);
    expect(report.costOverExhaustive).toBeCloseTo(20 / (10 + trainSeconds));
    expect(report.racedOverExhaustive).toBeCloseTo(10 / trainSeconds);
    expect(report.costOverBest).toBeCloseTo((20 - 9) / 4);
  });

  it('is held against the goals, loading included', () => {
    const goals = goalsOf(summarize([report], 'Batchwise'), [report]);
    expect(goals.find(({ name }) => name.startsWith('median cost'))?.met).toBe(false);
    expect(goals.filter(({ name }) => name.includes('regret')).every(({ met }) => met)).toBe(true);
    const slow = { ...report, sweepSeconds: 60, probeSeconds: 9, costOverBest: 12.75 };
    const over = goalsOf(summarize([slow], 'Batchwise'), [slow]);
    expect(over.find(({ name }) => name.includes('T*'))?.met).toBe(false);
  });

  it('leaves a size out that was not trained with every seed', () => {
    const table = secondsBySize(truth, now, { scaled: false, seeds: truthSeeds });
    expect([...table.keys()]).toEqual([32, 500]);
  });
});

describe('a pick beside the ladder', () => {
  it('is judged as the largest that fits where it is within 1/64 below it', () => {
    expect(judgedAs(128, ladder)).toBe(128);
    expect(judgedAs(493, ladder)).toBe(500);
    expect(() => judgedAs(491, ladder)).toThrow('not among');
    expect(() => judgedAs(501, ladder)).toThrow('not among');
  });
});
