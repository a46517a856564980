import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaledNumbers } from '../../bench/tuner/optimizerScaling';

const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 };
const size = fc.integer({ min: 0, max: 12 }).map((power) => 2 ** power);

function scaled(batchSize: number, to: number, numbers: object = adamw) {
  const rateFactor = Math.sqrt(to / batchSize);
  const all = scaledNumbers({ numbers, batchSize, to, rateFactor });
  return Object.fromEntries(all.map(({ name, value }) => [name, value]));
}

describe('what scales with the batch size besides the rate', () => {
  it('keeps moments that last as many samples, and decay that lasts as many epochs', () => {
    fc.assert(
      fc.property(size, size, (batchSize, to) => {
        fc.pre(batchSize !== to);
        const { beta1 = 0, beta2 = 0, weightDecay = 0, epsilon = 0 } = scaled(batchSize, to);
        const samples = (beta: number, size: number) => size / -Math.log2(beta);
        // Where a half-life is shorter than a batch, nothing is left to keep.
        if (beta1 > 1e-3) expect(samples(beta1, to) / samples(0.9, batchSize)).toBeCloseTo(1, 2);
        if (beta2 > 1e-3) expect(samples(beta2, to) / samples(0.999, batchSize)).toBeCloseTo(1, 2);
        const perEpoch = (rate: number, decay: number, size: number) => (rate * decay) / size;
        const rate = Math.sqrt(to / batchSize);
        expect(perEpoch(rate, weightDecay, to) / perEpoch(1, 0.01, batchSize)).toBeCloseTo(1, 2);
        expect((epsilon * rate) / 1e-7).toBeCloseTo(1, 3);
        for (const beta of [beta1, beta2]) {
          expect(beta).toBeGreaterThanOrEqual(0);
          expect(beta).toBeLessThan(1);
        }
      }),
    );
  });

  it('gives what the papers have for four times the size', () => {
    expect(scaled(32, 128)).toEqual({
      beta1: 0.6561,
      beta2: 0.996006,
      epsilon: 5e-8,
      weightDecay: 0.02,
    });
  });

  it('keeps momentum that lasts as many samples', () => {
    expect(scaled(32, 128, { momentum: 0.9 })).toEqual({ momentum: 0.6561 });
    expect(scaled(32, 8, { momentum: 0.6561 }).momentum).toBeCloseTo(0.9, 4);
  });

  it('leaves alone what is not given, and all of it at the configured size', () => {
    expect(scaled(32, 64, { momentum: 0, weightDecay: 0 })).toEqual({});
    expect(scaled(32, 32)).toEqual({});
  });
});
