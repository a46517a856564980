import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  leastNoiseScale,
  noiseParts,
  noiseScale,
  type NoiseMeasurement,
} from '../../../../src/planner/measure/noise';
import { seededRandom } from '../../../../src/trainer/random/seededRandom';

const dimensions = 24;

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A data set of per-sample gradients around a planted mean, and its own |G|² and tr(Σ). */
function plantedGradients(samples: number, noise: number, seed: number) {
  const random = seededRandom(seed);
  const gradients = Array.from({ length: samples }, () =>
    Array.from({ length: dimensions }, (_, i) => 0.1 * (i % 3) + noise * normal(random)),
  );
  const mean = meanOf(gradients);
  const trace =
    gradients.reduce((sum, g) => sum + g.reduce((s, x, i) => s + (x - (mean[i] ?? 0)) ** 2, 0), 0) /
    (samples - 1);
  return { gradients, squaredGradient: square(mean), trace };
}

const square = (vector: readonly number[]) => vector.reduce((sum, x) => sum + x * x, 0);
function meanOf(vectors: readonly (readonly number[])[]): number[] {
  return Array.from(
    { length: dimensions },
    (_, i) => vectors.reduce((sum, v) => sum + (v[i] ?? 0), 0) / vectors.length,
  );
}

/** One step's microbatches, drawn from the data set with or without replacement. */
function measure(
  gradients: readonly number[][],
  random: () => number,
  replace: boolean,
  microbatches = 8,
  microbatchSize = 8,
): NoiseMeasurement {
  const pool = [...gradients.keys()];
  const draw = () => {
    const at = Math.floor(random() * pool.length);
    const [index = 0] = replace ? [pool[at]] : pool.splice(at, 1);
    return gradients[index] ?? [];
  };
  const means = Array.from({ length: microbatches }, () =>
    meanOf(Array.from({ length: microbatchSize }, draw)),
  );
  return {
    microbatchSize,
    microbatches,
    meanSquaredNorm: means.reduce((sum, g) => sum + square(g), 0) / microbatches,
    squaredNormOfMean: square(meanOf(means)),
  };
}

describe('the noise scale', () => {
  it('is unbiased on planted gradients drawn without replacement', () => {
    const { gradients, squaredGradient, trace } = plantedGradients(200, 0.7, 3);
    const random = seededRandom(4);
    const parts = Array.from({ length: 1500 }, () =>
      noiseParts(measure(gradients, random, false), gradients.length),
    );
    const mean = (of: (part: NonNullable<ReturnType<typeof noiseParts>>) => number) =>
      parts.reduce((sum, part) => sum + (part ? of(part) : NaN), 0) / parts.length;
    expect(mean((part) => part.trace) / trace).toBeCloseTo(1, 1);
    expect(Math.abs(mean((part) => part.squaredGradient) / squaredGradient - 1)).toBeLessThan(0.06);
  });

  it('would be biased without the term for a finite data set', () => {
    const { gradients, squaredGradient } = plantedGradients(200, 0.7, 3);
    const random = seededRandom(4);
    const parts = Array.from({ length: 1500 }, () =>
      noiseParts(measure(gradients, random, false), Infinity),
    );
    const mean = parts.reduce((sum, part) => sum + (part?.squaredGradient ?? NaN), 0) / 1500;
    expect(mean / squaredGradient).toBeLessThan(0.94);
  });

  it('has an interval that holds the truth about as often as it says', () => {
    const { gradients, squaredGradient, trace } = plantedGradients(500, 0.5, 5);
    const truth = trace / squaredGradient;
    const random = seededRandom(6);
    let inside = 0;
    let known = 0;
    for (let i = 0; i < 200; i++) {
      const steps = Array.from({ length: 12 }, () => measure(gradients, random, false));
      const estimate = noiseScale(steps, gradients.length);
      if (!estimate) continue;
      known++;
      if (estimate.low <= truth && truth <= estimate.high) inside++;
    }
    expect(known).toBeGreaterThan(180);
    expect(inside / known).toBeGreaterThan(0.88);
  });

  it('is null when the gradient drowns in noise, and with too few steps', () => {
    const random = seededRandom(7);
    const drowned = Array.from({ length: 400 }, () =>
      Array.from({ length: dimensions }, () => normal(random)),
    );
    const centre = meanOf(drowned);
    const centred = drowned.map((g) => g.map((x, i) => x - (centre[i] ?? 0)));
    const steps = Array.from({ length: 6 }, () => measure(centred, random, false));
    expect(noiseScale(steps, 1e9)).toBeNull();
    expect(noiseScale(steps.slice(0, 2), 400)).toBeNull();
    // What it is at least is known all the same.
    expect(leastNoiseScale(steps, 1e9)).toBeGreaterThan(64);
    expect(leastNoiseScale(steps.slice(0, 2), 400)).toBeNull();
  });

  it('is hardly ever below what it is at least', () => {
    const { gradients, squaredGradient, trace } = plantedGradients(200, 0.7, 5);
    const random = seededRandom(6);
    const below = Array.from({ length: 200 }, () => {
      const steps = Array.from({ length: 6 }, () => measure(gradients, random, false));
      return (leastNoiseScale(steps, 200) ?? Infinity) <= trace / squaredGradient;
    });
    expect(below.filter(Boolean).length).toBeGreaterThan(180);
  });

  it('skips steps whose norms are not finite', () => {
    const { gradients } = plantedGradients(200, 0.3, 9);
    const random = seededRandom(10);
    const steps = Array.from({ length: 8 }, () => measure(gradients, random, false));
    const broken = { ...measure(gradients, random, false), meanSquaredNorm: Infinity };
    expect(noiseScale([...steps, broken], 200)).toEqual(noiseScale(steps, 200));
  });

  it('over several measurements lies between theirs, whatever unit each has its gradients in', () => {
    const unit = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.integer(), fc.array(unit, { minLength: 2, maxLength: 5 }), (seed, units) => {
        const random = seededRandom(seed);
        const measurements = units.map((_, index) => {
          const { gradients } = plantedGradients(100, 0.2 + 0.1 * index, seed + index);
          return Array.from({ length: 4 }, () => ({
            ...measure(gradients, random, false),
            samples: 100 * index,
          }));
        });
        const inUnits = measurements.map((steps, index) =>
          steps.map((step) => ({
            ...step,
            meanSquaredNorm: (units[index] ?? 1) * step.meanSquaredNorm,
            squaredNormOfMean: (units[index] ?? 1) * step.squaredNormOfMean,
          })),
        );
        const all = noiseScale(measurements.flat(), 100);
        const each = measurements.flatMap((steps) => noiseScale(steps, 100)?.value ?? []);
        fc.pre(all !== null && each.length === units.length);
        expect(noiseScale(inUnits.flat(), 100)?.value).toBeCloseTo(all.value, 6);
        expect(all.value).toBeGreaterThanOrEqual(Math.min(...each) - 1e-9);
        expect(all.value).toBeLessThanOrEqual(Math.max(...each) + 1e-9);
      }),
      { numRuns: 40 },
    );
  });
});
