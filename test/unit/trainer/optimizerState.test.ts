import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOptimizer } from '../../../src/trainer/model/optimizer';
import { secondMoments } from '../../../src/trainer/training/optimizerState';
import { loadCpu } from './backends';

beforeAll(async () => {
  await loadCpu();
  await tf.setBackend('cpu');
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
