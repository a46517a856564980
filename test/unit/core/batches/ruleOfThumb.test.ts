import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelTypes } from '../../../../src/core/sweep/result';
import { ruleOfThumb } from '../../../../src/core/batches/ruleOfThumb';

const type = fc.constantFrom(...modelTypes);

describe('the rule of thumb', () => {
  it('is a power of two, never above the data set, and says where it comes from', () => {
    fc.assert(
      fc.property(type, fc.option(fc.integer({ min: 1, max: 1e9 })), (kind, samples) => {
        const { batchSize, source, limitedBy } = ruleOfThumb(kind, samples);
        expect(Number.isInteger(Math.log2(batchSize))).toBe(true);
        expect(batchSize).toBeLessThanOrEqual(samples ?? Infinity);
        expect(source.address).toMatch(/^https:\/\/arxiv\.org\/abs\/\d{4}\.\d{5}$|\d{4}\.\d{4}$/);
        expect(limitedBy === 'dataset').toBe(batchSize < ruleOfThumb(kind, null).batchSize);
      }),
    );
  });

  it('starts recurrent models smaller than convolutional ones', () => {
    expect(ruleOfThumb('rnn', null).batchSize).toBeLessThan(ruleOfThumb('cnn', null).batchSize);
    expect(ruleOfThumb('rnn', 60_000).batchSize).toBe(32);
    expect(ruleOfThumb('cnn', 100).batchSize).toBe(8);
  });
});
