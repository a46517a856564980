import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMemory, largestThatFits, predictedBytes } from '../../../src/core/memoryModel';
import { estimateStepTime, fitStepTimes, isPrecise, stepMsOf } from '../../../src/core/stepTimeFit';

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
