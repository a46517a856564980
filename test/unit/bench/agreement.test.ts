import { describe, expect, it } from 'vitest';
import { judgeAgreement } from '../../bench/tuner/agreement';
import type { SweepResult } from '../../../src/core/sweep/result';

/** A sweep that recommends a size and names others as tied with it. */
function sweep(batchSize: number | null, tied: readonly number[] = []): SweepResult {
  const confidence = {
    isSure: false,
    beat: [],
    tied: tied.map((size) => ({ batchSize: size, seeds: 1, times: 1, interval: [0.9, 1.1] })),
    notCompared: [],
  };
  const recommendation = batchSize === null ? null : { batchSize, confidence };
  return { recommendation, trials: [] } as unknown as SweepResult;
}

describe('how far sweeps agree', () => {
  it('counts those that recommend the usual size', () => {
    const found = judgeAgreement([sweep(32), sweep(32), sweep(64), sweep(32)]);
    expect(found).toMatchObject({ usual: 32, agreeing: 3, apart: { sizes: [32, 64] } });
  });

  it('counts a sweep that names the usual size as tied, or that those name', () => {
    expect(judgeAgreement([sweep(32), sweep(32), sweep(64, [32])]).agreeing).toBe(3);
    expect(judgeAgreement([sweep(32, [64]), sweep(32, [64]), sweep(64)]).agreeing).toBe(3);
    expect(judgeAgreement([sweep(32, [64]), sweep(32), sweep(64)]).agreeing).toBe(2);
  });

  it('does not count a sweep that recommends nothing', () => {
    expect(judgeAgreement([sweep(32), sweep(null), sweep(32)])).toMatchObject({
      agreeing: 2,
      apart: null,
    });
  });
});
