import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Adam } from '../../../../src/trainer/training/adam';
import { setLearningRate } from '../../../../src/trainer/training/optimizerState';
import { expectClose, loadCpu, loadWasm, randomTensor, type Values } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const shapes = [[7], [3, 5], [2, 3, 2], [1]];

function valuesOf(tensor: tf.Tensor): Values {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
}

/** Weights after some steps with gradients of a seed, and the second moments. */
async function train(backend: string, optimizer: tf.Optimizer): Promise<Values[]> {
  await tf.setBackend(backend);
  const variables = shapes.map((shape, seed) => tf.variable(randomTensor(shape, seed + 1)));
  for (let step = 1; step <= 5; step++) {
    if (step === 4) setLearningRate(optimizer, 0.5);
    const gradients = Object.fromEntries(
      variables.map(({ name, shape }, at) => [name, randomTensor(shape, 100 * step + at)]),
    );
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
  }
  const state = await optimizer.getWeights();
  const values = [...variables, ...state.slice(1).map(({ tensor }) => tensor)].map(valuesOf);
  tf.dispose(variables);
  tf.dispose(state[0]?.tensor ?? []);
  optimizer.dispose();
  return values;
}

describe.each(['wasm', 'cpu'])('Adam on %s', (backend) => {
  it("takes the steps of tfjs's own and keeps the same state", async () => {
    const own = await train(backend, new Adam(0.01, 0.8, 0.95, 1e-6));
    const tfjs = await train('cpu', tf.train.adam(0.01, 0.8, 0.95, 1e-6));
    expect(own).toHaveLength(tfjs.length);
    own.forEach((values, at) => {
      expectClose(values, tfjs[at] as Values);
    });
  });

  it('leaves other tensors alone that share the values of a variable', async () => {
    await tf.setBackend(backend);
    const given = tf.tensor([1, 2, 3, 4, 5]);
    const variable = tf.variable(given);
    const copy = variable.clone();
    const optimizer = new Adam(0.1);
    optimizer.applyGradients({ [variable.name]: tf.ones([5]) });
    const later = variable.clone();
    const moved = valuesOf(variable);
    optimizer.applyGradients({ [variable.name]: tf.ones([5]) });
    for (const kept of [given, copy]) expect([...kept.dataSync()]).toEqual([1, 2, 3, 4, 5]);
    expectClose(valuesOf(later), moved);
    expect(moved.data[0]).toBeCloseTo(0.9, 4);
    expect(variable.dataSync()[0]).toBeCloseTo(0.8, 4);
    tf.dispose([given, variable, copy, later]);
    optimizer.dispose();
  });
});
