import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictedBytes, stepMsOf } from '../../../../src/core/sweep/readings';
import { fitMemory, largestThatFits } from '../../../../src/planner/measure/memoryModel';
import {
  estimateStepTime,
  fitStepTimes,
  isPrecise,
} from '../../../../src/planner/measure/stepTimeFit';

const sizes = [8, 16, 32, 64, 128, 256, 512, 1024];

describe('the memory model', () => {
  it('predicts a size left out within 3%, whichever branch it lies on', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e6, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        fc.double({ min: 5e3, max: 1e6, noNaN: true }),
        (u0, u1, share, a1) => {
          const truth = (batchSize: number) =>
            Math.max(u0 + u1 * batchSize, share * u0 + a1 * batchSize);
          const model = fitMemory(
            sizes.map((batchSize) => ({ batchSize, peakBytes: truth(batchSize) })),
          );
          if (!model) throw new Error('no model');
          const onActivations = sizes.filter((size) => share * u0 + a1 * size > u0 + u1 * size);
          fc.pre(onActivations.length >= 2);
          expect(predictedBytes(model, 2048) / truth(2048)).toBeCloseTo(1, 1.2);
          expect(Math.abs(predictedBytes(model, 2048) / truth(2048) - 1)).toBeLessThan(0.03);
        },
      ),
    );
  });

  it('reproduces the two phases of a small dense net', () => {
    const model = fitMemory([
      { batchSize: 1, peakBytes: 14.2e6 },
      { batchSize: 256, peakBytes: 15e6 },
      { batchSize: 512, peakBytes: 15.9e6 },
      { batchSize: 768, peakBytes: 19.8e6 },
      { batchSize: 1024, peakBytes: 23.7e6 },
    ]);
    expect(model && predictedBytes(model, 1024)).toBeCloseTo(23.7e6, -5);
    expect(model && predictedBytes(model, 1280)).toBeCloseTo(27.6e6, -5.5);
  });

  it('predicts sizes left out where an evaluation holds more than small sizes do', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2e6, max: 1e8, noNaN: true }),
        fc.double({ min: 0.5, max: 0.98, noNaN: true }),
        fc.double({ min: 1.1, max: 3, noNaN: true }),
        fc.integer({ min: 20, max: 50 }),
        (floor, u0, steeper, meets) => {
          // The first line leaves the floor between 16 and 64, the second takes over at 300.
          const u1 = (floor * (1 - u0)) / meets;
          const a1 = u1 * steeper;
          const a0 = floor * u0 - 300 * (a1 - u1);
          const truth = (x: number) => Math.max(floor, floor * u0 + u1 * x, a0 + a1 * x);
          const peaks = [...sizes, 2048, 4096].map((batchSize) => ({
            batchSize,
            peakBytes: truth(batchSize),
          }));
          for (const left of peaks.slice(3)) {
            const model = fitMemory(peaks.filter((other) => other !== left));
            if (!model) throw new Error('no model');
            const error = predictedBytes(model, left.batchSize) / left.peakBytes - 1;
            expect(Math.abs(error)).toBeLessThan(0.03);
          }
        },
      ),
    );
  });

  it('reproduces the three phases of an embedding', () => {
    const peaks = [
      [8, 21_363_068],
      [16, 21_363_068],
      [32, 21_363_068],
      [64, 22_228_748],
      [128, 24_339_980],
      [256, 28_562_444],
      [512, 38_154_256],
      [1024, 60_286_992],
      [2048, 104_552_460],
    ].map(([batchSize = 0, peakBytes = 0]) => ({ batchSize, peakBytes }));
    for (const left of peaks) {
      const model = fitMemory(peaks.filter((other) => other !== left));
      if (!model) throw new Error('no model');
      expect(predictedBytes(model, left.batchSize) / left.peakBytes).toBeCloseTo(1, 2);
    }
  });

  it('says the largest size that stays within a limit, and that the next does not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e9 }),
        (atZero, perSample, limit) => {
          const model = {
            updateBytes: [atZero, 0] as [number, number],
            activationBytes: [0, perSample] as [number, number],
          };
          const largest = largestThatFits(model, limit);
          if (atZero > limit) expect(largest).toBe(0);
          else {
            expect(predictedBytes(model, largest)).toBeLessThanOrEqual(limit);
            expect(predictedBytes(model, largest + 1)).toBeGreaterThan(limit);
          }
        },
      ),
    );
  });
});

describe('the step time', () => {
  it('recovers a planted floor and line', () => {
    const truth = (batchSize: number) => Math.max(2, 0.5 + 0.02 * batchSize);
    const fit = fitStepTimes(sizes.map((batchSize) => ({ batchSize, stepMs: truth(batchSize) })));
    if (!fit) throw new Error('no fit');
    expect(fit.floorMs).toBeCloseTo(2, 2);
    expect(fit.aMs).toBeCloseTo(0.5, 2);
    expect(fit.bMs).toBeCloseTo(0.02, 4);
    expect(fit.r2).toBeGreaterThan(0.999);
    expect(stepMsOf(fit, 4096)).toBeCloseTo(truth(4096), 1);
  });

  it('leaves out blocks that something else disturbed', () => {
    const blocks = [1, 1.02, 0.98, 1.01, 0.99, 9].map((ms) => ({ iterations: 10, ms: ms * 10 }));
    const step = estimateStepTime(blocks);
    expect(step?.ms).toBeCloseTo(1, 5);
    expect(step && isPrecise(step)).toBe(true);
    expect(step?.interval?.[0]).toBeLessThan(1);
    expect(estimateStepTime([])).toBeNull();
    expect(estimateStepTime([{ iterations: 2, ms: 6 }])).toEqual({ ms: 3, interval: null });
  });
});
