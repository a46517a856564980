import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessingOf } from '../../../../src/trainer/data/guessing';

function samplesOf(labels: readonly number[], count = labels.length) {
  return { count, features: new Float32Array(count), labels: Float32Array.from(labels) };
}

const categorical = 'sparseCategoricalCrossentropy';

describe('guessing without the features', () => {
  it('gives the larger class for an imbalanced table', () => {
    const labels = Array.from({ length: 200 }, (_, i) => (i % 100 === 0 ? 1 : 0));
    const guess = guessingOf(samplesOf(labels), [], true, 'binaryCrossentropy');
    expect(guess?.accuracy).toBeCloseTo(0.99);
    expect(guess?.loss).toBeCloseTo(-0.99 * Math.log(0.99) - 0.01 * Math.log(0.01));
  });

  it('has the loss ln n for n classes of one size, as indices and as rows', () => {
    const indices = [0, 1, 2, 3, 0, 1, 2, 3];
    const rows = indices.flatMap((index) => [0, 1, 2, 3].map((place) => Number(place === index)));
    const expected = { loss: expect.closeTo(Math.log(4)) as number, accuracy: 0.25 };
    expect(guessingOf(samplesOf(indices), [], true, categorical)).toEqual(expected);
    expect(guessingOf(samplesOf(rows, 8), [4], true, 'categoricalCrossentropy')).toEqual(expected);
  });

  it('is better for no constant than the mean of numbers', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: -100, max: 100, noNaN: true }), (labels, constant) => {
        const samples = samplesOf(labels);
        const loss = guessingOf(samples, [], false, 'meanSquaredError')?.loss ?? NaN;
        const other = samples.labels.reduce(
          (sum, y) => sum + (y - constant) ** 2 / labels.length,
          0,
        );
        expect(loss).toBeLessThanOrEqual(other * (1 + 1e-6) + 1e-6);
      }),
    );
  });

  it('is not known for labels of several numbers, of several classes at once, or none', () => {
    expect(guessingOf(samplesOf([1, 2], 1), [2], false, 'meanSquaredError')).toBeNull();
    expect(guessingOf(samplesOf([1, 1], 1), [2], true, 'categoricalCrossentropy')).toBeNull();
    expect(guessingOf(samplesOf([1, 0], 1), [2], true, 'binaryCrossentropy')).toBeNull();
    expect(guessingOf(samplesOf([0.5], 1), [], false, 'meanAbsoluteError')).toBeNull();
    expect(guessingOf(samplesOf([]), [], true, categorical)).toBeNull();
  });
});
