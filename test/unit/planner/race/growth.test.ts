import { describe, expect, it } from 'vitest';
import { growthSchedule } from '../../../../src/planner/race/growth';
import { EvaluationGrid } from '../../../../src/planner/race/evaluationGrid';
import { paceOf } from '../../../../src/core/batches/pace';

const evidence = {
  noise: { first: 50, last: 210 },
  batchSize: 256,
  epochsToTarget: 9,
  secondsToTarget: 9,
  secondsPerEpochOf: (batchSize: number) => 0.5 + 16 / batchSize,
  sizes: [8, 16, 32, 64, 128, 256, 512],
  learningRateOf: (batchSize: number) => batchSize / 1000,
};

describe('a growth schedule', () => {
  it('starts as much smaller as the noise scale was', () => {
    expect(growthSchedule(evidence)).toEqual([
      { epoch: 0, batchSize: 32, learningRate: 0.032 },
      { epoch: 3, batchSize: 256, learningRate: 0.256 },
    ]);
  });

  it('starts no smaller than time allows, and as small as was measured where noise was less', () => {
    const secondsPerEpochOf = (batchSize: number) => 0.5 + 64 / batchSize;
    expect(growthSchedule({ ...evidence, secondsPerEpochOf })?.[0]?.batchSize).toBe(64);
    const sizes = [128, 256];
    expect(growthSchedule({ ...evidence, sizes })?.[0]?.batchSize).toBe(128);
    expect(growthSchedule({ ...evidence, secondsPerEpochOf: () => 2.1 })).toBeNull();
  });

  it('is not proposed without a rise, without epochs to change in, or without a smaller size', () => {
    expect(growthSchedule({ ...evidence, noise: { first: 100, last: 120 } })).toBeNull();
    expect(growthSchedule({ ...evidence, epochsToTarget: 1 })).toBeNull();
    expect(growthSchedule({ ...evidence, batchSize: 8 })).toBeNull();
  });

  it('counts its updates by size, epoch by epoch, and is evaluated where constant sizes are', () => {
    const schedule = growthSchedule(evidence);
    const pace = paceOf(1000, 256, schedule);
    // 3 epochs of 32 updates at size 32, then 4 updates an epoch.
    expect(pace.iterationAt(3000)).toBe(96);
    expect(pace.iterationAt(5000)).toBe(104);
    const total = new Map<number, number>();
    for (const { batchSize, iterations } of pace.stretches(104)) {
      total.set(batchSize, (total.get(batchSize) ?? 0) + iterations);
    }
    expect(Object.fromEntries(total)).toEqual({ 32: 96, 256: 8 });
    const grid = new EvaluationGrid(1000, 100);
    let at = 0;
    for (let i = 0; i < 20; i++) {
      const next = grid.next(pace, at);
      expect(next).toBeGreaterThan(at);
      at = next;
    }
  });
});
