import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies, type Measured } from '../../bench/tuner/policies';

const ladder = [8, 16, 32, 64, 128, 256, 512, 1000];

/** Step times with a floor of 2 ms, and 1 MiB of memory for 10 samples on top of 10 MiB. */
function measured(change: Partial<Measured> = {}, floorMs = 2): Measured {
  return {
    sizes: ladder.map((batchSize) => ({
      batchSize,
      stepMs: Math.max(floorMs, 0.5 + 0.02 * batchSize),
      peakBytes: 2 ** 20 * (10 + batchSize / 10),
    })),
    samples: 1000,
    capacityBytes: Infinity,
    noiseScale: 100,
    ...change,
  };
}

function choiceOf(name: string, of: Measured): number {
  const policy = policies.find((each) => each.name.includes(name));
  if (!policy) throw new Error(`There is no policy ${name}.`);
  return policy.choose(of);
}

describe('the policies of other tools', () => {
  it('take a size of the ladder, whatever was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 500, noNaN: true }), { minLength: 8, maxLength: 8 }),
        fc.option(fc.double({ min: 0.1, max: 1e6, noNaN: true })),
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        (stepMs, noiseScale, capacityBytes) => {
          const base = measured({ noiseScale, capacityBytes });
          const sizes = base.sizes.map((size, index) => ({ ...size, stepMs: stepMs[index] ?? 1 }));
          for (const { choose } of policies) {
            expect(ladder).toContain(choose({ ...base, sizes }));
          }
        },
      ),
    );
  });

  it('the largest is the data set where memory allows it', () => {
    expect(choiceOf('Lightning power', measured())).toBe(1000);
    expect(choiceOf('bisected', measured())).toBe(1000);
  });

  it('the largest stays within memory', () => {
    const limited = measured({ capacityBytes: 2 ** 20 * 40 });
    expect(choiceOf('Lightning power', limited)).toBe(256);
    expect(choiceOf('bisected', limited)).toBe(256);
  });

  it('Ultralytics takes its default where the line leads beyond 1024', () => {
    expect(choiceOf('Ultralytics', measured({ capacityBytes: 2 ** 40 }))).toBe(16);
    const proportional = measured().sizes.map((size) => ({
      ...size,
      peakBytes: size.batchSize * 1000,
    }));
    // 60% of 213,333 bytes at 1,000 bytes a sample.
    const limited = measured({ sizes: proportional, capacityBytes: 213_333 });
    expect(choiceOf('Ultralytics', limited)).toBe(128);
  });

  it('Ludwig stops at a fifth of the data, DeepSpeed where doubling gains under 5%', () => {
    expect(choiceOf('Ludwig', measured())).toBe(128);
    // 45.6 samples a millisecond at 256, 47.7 at 512.
    expect(choiceOf('DeepSpeed', measured())).toBe(256);
    const proportional = measured().sizes.map((size) => ({
      ...size,
      stepMs: size.batchSize / Math.min(size.batchSize, 64),
    }));
    expect(choiceOf('DeepSpeed', measured({ sizes: proportional }))).toBe(64);
  });

  it('Pollux goes larger the noisier the gradient is', () => {
    const quiet = choiceOf('Pollux', measured({ noiseScale: 1 }));
    const noisy = choiceOf('Pollux', measured({ noiseScale: 1e6 }));
    expect(quiet).toBeLessThan(noisy);
    expect(noisy).toBe(1000);
  });
});
