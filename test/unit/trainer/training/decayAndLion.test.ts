import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OptimizerSettings } from '../../../../src/config/trainingSchema';
import { createOptimizer } from '../../../../src/trainer/model/optimizer';
import { setLearningRate } from '../../../../src/trainer/training/optimizerState';
import { loadCpu, loadWasm } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const start = [0.5, -1, 2];
const gradientAt = (step: number) => [0.3, -0.2 * step, 0.1];

/** Three steps with an optimizer; the rate changes before the third. */
async function train(backend: string, settings: OptimizerSettings): Promise<number[]> {
  await tf.setBackend(backend);
  const tensors = tf.memory().numTensors;
  const variable = tf.variable(tf.tensor1d(start));
  const optimizer = createOptimizer(settings, 0.1);
  for (let step = 1; step <= 3; step++) {
    if (step === 3) setLearningRate(optimizer, 0.05);
    tf.tidy(() => {
      optimizer.applyGradients({ [variable.name]: tf.tensor1d(gradientAt(step)) });
    });
  }
  const values = [...(await variable.data())];
  optimizer.dispose();
  variable.dispose();
  // The first tensor that was made into a variable stays the test's.
  expect(tf.memory().numTensors - tensors).toBeLessThanOrEqual(1);
  return values;
}

/** The same in plain numbers, by the papers' algorithms. */
function byHand(
  rule: (g: number, step: number, state: { m: number; v: number }) => number,
  decay: number,
) {
  return start.map((first, at) => {
    const state = { m: 0, v: 0 };
    let weight = first;
    for (let step = 1; step <= 3; step++) {
      const rate = step === 3 ? 0.05 : 0.1;
      const gradient = gradientAt(step)[at] ?? 0;
      const move = rule(gradient, step, state);
      weight = weight * (1 - rate * decay) - rate * move;
    }
    return weight;
  });
}

const adam = (g: number, step: number, state: { m: number; v: number }) => {
  state.m = 0.9 * state.m + 0.1 * g;
  state.v = 0.999 * state.v + 0.001 * g * g;
  return state.m / (1 - 0.9 ** step) / (Math.sqrt(state.v / (1 - 0.999 ** step)) + 1e-7);
};
const lion = (g: number, _: number, state: { m: number }) => {
  const direction = Math.sign(0.9 * state.m + 0.1 * g);
  state.m = 0.99 * state.m + 0.01 * g;
  return direction;
};

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  it.each([
    ['AdamW', { name: 'adamw', weightDecay: 0.4 }, adam, 0.4],
    ["AdamW with Keras's decay", { name: 'adamw' }, adam, 0.004],
    ['Lion', { name: 'lion' }, lion, 0],
    ['Lion with weight decay', { name: 'lion', weightDecay: 0.2 }, lion, 0.2],
    ['SGD with weight decay', { name: 'sgd', weightDecay: 0.2 }, (g: number) => g, 0.2],
  ] as const)('%s takes the steps of its paper', async (_, settings, rule, decay) => {
    const weights = await train(backend, settings);
    byHand(rule, decay).forEach((expected, at) => {
      expect(weights[at]).toBeCloseTo(expected, 4);
    });
  });
});
