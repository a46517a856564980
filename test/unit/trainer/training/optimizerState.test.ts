import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OptimizerSettings } from '../../../../src/config/trainingSchema';
import { createOptimizer } from '../../../../src/trainer/model/optimizer';
import { secondMoments, setLearningRate } from '../../../../src/trainer/training/optimizerState';
import { expectClose, loadCpu, loadWasm, randomTensor, type Values } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

/** What one step with a gradient of 2 and then 4 leaves of the mean of squares, by tfjs's defaults. */
const expected = {
  sgd: null,
  momentum: null,
  adam: [4 * 0.001, 16 * 0.001],
  rmsprop: [4 * 0.1, 16 * 0.1],
  adagrad: [4 + 0.1, 16 + 0.1],
  adamax: null,
} as const;

describe.each(Object.entries(expected))('second moments of %s', (name, values) => {
  it(values ? 'are one for each variable' : 'do not exist', async () => {
    await tf.setBackend('cpu');
    const optimizer = createOptimizer({ name: name as keyof typeof expected }, 0.1);
    const variables = [tf.variable(tf.zeros([1])), tf.variable(tf.zeros([1]))];
    const [first, second] = variables.map((variable) => variable.name);
    optimizer.applyGradients({
      [first ?? '']: tf.tensor([2]),
      [second ?? '']: tf.tensor([4]),
    });
    const moments = await secondMoments(optimizer, variables.length);
    if (values === null) expect(moments).toBeNull();
    else {
      expect(moments).toHaveLength(2);
      moments?.forEach((moment, at) => {
        expect(moment.dataSync()[0]).toBeCloseTo(values[at] ?? NaN, 5);
      });
    }
  });
});

const optimizers: OptimizerSettings[] = [
  { name: 'sgd' },
  { name: 'sgd', momentum: 0.8, nesterov: true },
  { name: 'rmsprop' },
  { name: 'rmsprop', momentum: 0.7, decay: 0.8, epsilon: 1e-5 },
  { name: 'adagrad' },
];
describe.each(optimizers)('the optimizer %j on WASM', (settings) => {
  const shapes = [[7], [3, 5], [1]];

  async function train(backend: string): Promise<Values[]> {
    await tf.setBackend(backend);
    const variables = shapes.map((shape, seed) => tf.variable(randomTensor(shape, seed)));
    const optimizer = createOptimizer(settings, 0.01);
    const kept: tf.Tensor[] = [];
    for (let step = 1; step <= 5; step++) {
      if (step === 3) kept.push(...variables.map((variable) => variable.clone()));
      if (step === 4) setLearningRate(optimizer, 0.1);
      const gradients = variables.map(({ name, shape }, at) => [
        name,
        randomTensor(shape, 100 * step + at),
      ]);
      optimizer.applyGradients(Object.fromEntries(gradients) as tf.NamedTensorMap);
    }
    const [, ...state] = await optimizer.getWeights();
    const all = [...variables, ...kept, ...state.map(({ tensor }) => tensor)];
    const values = all.map((tensor) => ({
      shape: tensor.shape,
      data: Float32Array.from(tensor.dataSync()),
    }));
    tf.dispose(all);
    return values;
  }

  it("takes tfjs's steps, and leaves alone who shares the weights", async () => {
    const expected = await train('cpu');
    const actual = await train('wasm');
    expect(actual).toHaveLength(expected.length);
    actual.forEach((values, at) => {
      expectClose(values, expected[at] as Values);
    });
  });
});
