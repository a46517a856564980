import type { Scalar } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { optimizers } from '../../../../src/config/trainingSchema';
import { lossNames } from '../../../../src/core/model/losses';
import { outputObjective } from '../../../../src/trainer/model/objective';
import { optimizerMemory } from '../../../../src/core/model/memoryEstimate';
import { createOptimizer } from '../../../../src/trainer/model/optimizer';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { useCpu } from './fixtures';

beforeAll(useCpu);

const classes = 4;
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const batch = fc.array(
  fc.record({
    row: fc.array(probability, { minLength: classes, maxLength: classes }),
    label: fc.integer({ min: 0, max: classes - 1 }),
    number: fc.double({ min: -5, max: 5, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What model.evaluate of tfjs layers says for a model that gives back its input. */
function reference(loss: string, outputs: number[][], labels: number[][]): number {
  const width = outputs[0]?.length ?? 0;
  const identity = tf.sequential({
    layers: [tf.layers.activation({ activation: 'linear', inputShape: [width] })],
  });
  identity.compile({ loss, optimizer: 'sgd' });
  const value = identity.evaluate(tf.tensor2d(outputs), tf.tensor2d(labels), { batchSize: 64 });
  const [number] = (Array.isArray(value) ? value[0] : value)?.dataSync() ?? [];
  return number ?? NaN;
}

function meanLoss(
  loss: (typeof lossNames)[number],
  outputs: number[][],
  labels: number[] | number[][],
) {
  return [
    ...outputObjective(loss).losses(tf.tensor(labels), tf.tensor2d(outputs)).dataSync(),
  ].reduce((sum, value, _, all) => sum + value / all.length, 0);
}

const oneHot = (label: number) => Array.from({ length: classes }, (_, at) => Number(at === label));

describe('losses are those of tfjs layers', () => {
  test('for classes, from indices and from rows', () => {
    fc.assert(
      fc.property(batch, (samples) => {
        // Rows of zeros have no sum to divide by, in tfjs neither.
        const rows = samples.map(({ row }) => row.map((value) => value + 0.01));
        const indices = samples.map(({ label }) => label);
        const encoded = indices.map(oneHot);
        const categorical = reference('categoricalCrossentropy', rows, encoded);
        expect(meanLoss('categoricalCrossentropy', rows, indices)).toBeCloseTo(categorical, 4);
        expect(meanLoss('categoricalCrossentropy', rows, encoded)).toBeCloseTo(categorical, 4);
        const columns = indices.map((label) => [label]);
        const sparse = reference('sparseCategoricalCrossentropy', rows, columns);
        expect(meanLoss('sparseCategoricalCrossentropy', rows, indices)).toBeCloseTo(sparse, 4);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('for two classes and for numbers, from [N] and [N, 1]', () => {
    fc.assert(
      fc.property(batch, (samples) => {
        const chances = samples.map(({ row }) => [row[0] ?? 0]);
        const bits = samples.map(({ label }) => label % 2);
        const bitColumns = bits.map((bit) => [bit]);
        const binary = reference('binaryCrossentropy', chances, bitColumns);
        expect(meanLoss('binaryCrossentropy', chances, bits)).toBeCloseTo(binary, 4);
        expect(meanLoss('binaryCrossentropy', chances, bitColumns)).toBeCloseTo(binary, 4);
        const numbers = samples.map(({ number }) => number);
        for (const loss of ['meanSquaredError', 'meanAbsoluteError'] as const) {
          const columns = numbers.map((number) => [number]);
          expect(meanLoss(loss, chances, numbers)).toBeCloseTo(
            reference(loss, chances, columns),
            4,
          );
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test.each(lossNames)(
    '%s has one value for each sample, also where a sample has steps',
    (loss) => {
      const { losses: lossesOf, hits } = outputObjective(loss);
      const outputs = tf.softmax(tf.randomUniform([3, 5, 4], 0, 1, 'float32', 1));
      const labels = loss.includes('ategorical') ? tf.zeros([3, 5]) : tf.zeros([3, 5, 4]);
      expect(lossesOf(labels, outputs).shape).toEqual([3]);
      if (hits) expect(hits(labels, outputs).shape).toEqual([3]);
    },
  );

  test.each(lossNames)('%s has gradients', (loss) => {
    const labels = tf.tensor1d([1, 0]);
    const width = /ategorical|kullback/.test(loss) ? 3 : 1;
    const outputs = tf.tensor2d(
      Array.from({ length: 2 }, () => new Array<number>(width).fill(0.3)),
    );
    const gradient = tf.grad((x) => tf.sum(outputObjective(loss).losses(labels, x)))(outputs);
    // The direction of one number does not change with it.
    const isFlat = loss === 'cosineSimilarity';
    expect([...gradient.dataSync()].some((value) => value !== 0)).toBe(!isFlat);
    expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

describe('hits', () => {
  test('count the class of the largest output', () => {
    const outputs = tf.tensor2d([
      [0.1, 0.9],
      [0.8, 0.2],
      [0.4, 0.6],
    ]);
    const rows = tf.oneHot(tf.tensor1d([1, 1, 1], 'int32'), 2);
    for (const labels of [tf.tensor1d([1, 1, 1]), rows]) {
      const { hits } = outputObjective('categoricalCrossentropy');
      expect([...(hits?.(labels, outputs).dataSync() ?? [])]).toEqual([1, 0, 1]);
    }
  });

  test('count the side of one half for two classes; numbers have none', () => {
    const outputs = tf.tensor2d([[0.2], [0.7], [0.9]]);
    const { hits } = outputObjective('binaryCrossentropy');
    expect([...(hits?.(tf.tensor1d([0, 0, 1]), outputs).dataSync() ?? [])]).toEqual([1, 0, 1]);
    expect(outputObjective('meanSquaredError').hits).toBeNull();
  });
});

describe('optimizers', () => {
  test.each([
    ...optimizers.map((name) => ({ name })),
    { name: 'sgd' as const, momentum: 0.9, nesterov: true },
  ])(
    '%j lowers a loss and keeps as many values for each parameter as it says',
    async (settings) => {
      const x = tf.variable(tf.fill([1000], 3));
      const optimizer = createOptimizer(settings, 0.01);
      const loss = () => tf.mean<Scalar>(tf.square(x));
      for (let step = 0; step < 5; step++) optimizer.minimize(loss, false, [x]);
      expect(tf.mean(tf.square(x)).dataSync()[0]).toBeLessThan(9);
      const weights = settings.name === 'adamax' ? null : await optimizer.getWeights();
      if (weights) {
        const name = 'momentum' in settings ? 'momentum' : settings.name;
        const kept = weights.reduce((sum, { tensor }) => sum + tensor.size, 0) - 1;
        expect(Math.round(kept / x.size)).toBe(optimizerMemory(name).slots);
      }
    },
  );

  test('use the settings they are given', () => {
    const adam = createOptimizer({ name: 'adam', beta1: 0.5, epsilon: 0.1 }, 0.2);
    expect(adam.getConfig()).toMatchObject({
      learningRate: 0.2,
      beta1: 0.5,
      beta2: 0.999,
      epsilon: 0.1,
    });
    const sgd = createOptimizer({ name: 'sgd', momentum: 0.7, nesterov: true }, 0.2);
    expect(sgd.getConfig()).toMatchObject({ momentum: 0.7, useNesterov: true });
    const rmsprop = createOptimizer({ name: 'rmsprop', decay: 0.8 }, 0.2);
    expect(rmsprop.getConfig()).toMatchObject({ decay: 0.8 });
  });
});
