import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adaScaleGain,
  appliedRule,
  scaledLearningRate,
} from '../../../../src/core/batches/learningRate';

const base = { batchSize: 32, learningRate: 0.001, noiseScale: null };

describe('the learning rate of a batch size', () => {
  it('follows the rule', () => {
    const adam = { ...base, optimizer: 'adam' };
    expect(scaledLearningRate({ ...adam, rule: 'auto' }, 128)).toBe(0.002);
    expect(scaledLearningRate({ ...adam, rule: 'linear' }, 128)).toBe(0.004);
    expect(scaledLearningRate({ ...adam, rule: 'none' }, 128)).toBe(0.001);
    expect(scaledLearningRate({ ...adam, rule: 'linear' }, 8)).toBe(0.00025);
  });

  it("is AdaScale's for SGD once the noise scale is known", () => {
    const sgd = { ...base, rule: 'auto' as const, optimizer: 'sgd' };
    expect(appliedRule(sgd)).toBe('sqrt');
    expect(appliedRule({ ...sgd, noiseScale: 100 })).toBe('adascale');
    expect(scaledLearningRate({ ...sgd, noiseScale: 1e9 }, 128)).toBeCloseTo(0.004, 5);
    expect(scaledLearningRate({ ...sgd, noiseScale: 0 }, 128)).toBe(0.001);
  });

  it('never gains less than nothing or more than the ratio of sizes', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        positive,
        fc.integer({ min: 1, max: 4096 }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        (noise, from, ratio) => {
          const gain = adaScaleGain(noise, from, from * ratio);
          expect(gain).toBeGreaterThanOrEqual(1 - 1e-9);
          expect(gain).toBeLessThanOrEqual(ratio * (1 + 1e-9));
        },
      ),
    );
  });

  it('leaves the configured size exactly as configured', () => {
    const scaling = { ...base, learningRate: 0.1 + 0.2, optimizer: 'sgd', rule: 'auto' as const };
    expect(scaledLearningRate(scaling, 32)).toBe(0.1 + 0.2);
  });
});
