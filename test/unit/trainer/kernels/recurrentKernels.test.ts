import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fusedActivations } from '../../../../src/core/model/topology/tape/recurrent';
import { hasRecurrentKernel } from '../../../../src/trainer/kernels/recurrentLayer';
import { withSeededRandom } from '../../../../src/trainer/random/seededRandom';
import { tf as whole } from '../../../../src/trainer/tfjs/tf';
import { expectSame, loadCpu, loadWasm, randomTensor } from '../backends';

/** Whole sequences in one kernel against TensorFlow.js, which calls operations for each step. */

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const length = fc.integer({ min: 1, max: 9 });
const activation = fc.constantFrom(...fusedActivations);

const recurrence = fc.record({
  kind: fc.constantFrom('lstm', 'gru', 'gruResetAfter', 'simpleRNN'),
  batch: length,
  // TensorFlow.js has no gradient for sequences of one step.
  steps: fc.integer({ min: 2, max: 6 }),
  features: length,
  units: length,
  settings: fc.record({
    activation,
    recurrentActivation: activation,
    useBias: fc.boolean(),
    goBackwards: fc.boolean(),
    returnSequences: fc.boolean(),
  }),
  dropout: fc.constantFrom({}, {}, { dropout: 0.3 }, { recurrentDropout: 0.3 }),
  isMasked: fc.boolean(),
});
type Recurrence = typeof recurrence extends fc.Arbitrary<infer T> ? T : never;
type Kind = Recurrence['kind'];

type Layer = InstanceType<typeof layers.Layer>;

const makers = {
  lstm: (settings: object) => layers.lstm(settings as never),
  gru: (settings: object) => whole.layers.gru({ ...settings, resetAfter: false }),
  gruResetAfter: (settings: object) => whole.layers.gru({ ...settings, resetAfter: true }),
  simpleRNN: (settings: object) => layers.simpleRNN(settings as never),
};

function layerOf({ kind, units, features, steps, settings, dropout }: Recurrence): Layer {
  const layer = makers[kind]({ units, ...settings, ...dropout });
  layer.build([null, steps, features]);
  const weights = layer.getWeights().map(({ shape }, at) => randomTensor(shape, 10 + at));
  layer.setWeights(weights);
  return layer;
}

/** Outputs and all gradients of a weighted sum of them, in a row. */
function outputsAndGradients(given: Recurrence): tf.Tensor {
  const { batch, steps, features, isMasked } = given;
  const layer = layerOf(given);
  const x = tf.variable(randomTensor([batch, steps, features], 1));
  const mask = isMasked ? tf.greater(randomTensor([batch, steps], 2), -0.3) : null;
  const call = () =>
    withSeededRandom(7, () => layer.call(x, { training: true, mask })) as tf.Tensor;
  const output = call();
  const weights = layer.trainableWeights
    .map((weight) => weight.read())
    .filter((weight): weight is tf.Variable => weight instanceof tf.Variable);
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.mul(call(), randomTensor(output.shape, 3))),
    [x, ...weights],
  );
  const all = [output, ...[x, ...weights].map(({ name }) => grads[name] as tf.Tensor)];
  return tf.concat(all.map((each) => tf.reshape(each, [-1])));
}

describe('a recurrent layer in one kernel', () => {
  it('gives outputs and gradients of the same layer step by step', () => {
    fc.assert(
      fc.property(recurrence, (given) => {
        expectSame(() => outputsAndGradients(given), 1e-4);
      }),
      { seed: 20261130, numRuns: 150 },
    );
  });

  it('of lengths beyond a block of the matrix product', () => {
    for (const kind of Object.keys(makers) as Kind[]) {
      const settings = { returnSequences: true, useBias: true, goBackwards: false };
      const functions = { activation: 'tanh', recurrentActivation: 'sigmoid' } as const;
      const sizes = { batch: 70, steps: 5, features: 33, units: 66 };
      const given = { kind, ...sizes, settings: { ...settings, ...functions } };
      expectSame(() => outputsAndGradients({ ...given, dropout: {}, isMasked: true }), 1e-4);
    }
  });

  it('gives the same outputs where no gradient is wanted', async () => {
    await tf.setBackend('wasm');
    fc.assert(
      fc.property(recurrence, (given) => {
        const layer = layerOf({ ...given, dropout: {} });
        const x = randomTensor([given.batch, given.steps, given.features], 1);
        const call = () => layer.call(x, {}) as tf.Tensor;
        const alone = call().dataSync<'float32'>();
        const { value } = tf.valueAndGrad(() => tf.sum(call()))(x);
        const expected = alone.reduce((sum, each) => sum + each, 0);
        const off = Math.abs((value.dataSync()[0] ?? NaN) - expected);
        expect(off).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
      }),
      { seed: 20261130, numRuns: 40 },
    );
  });

  it('is used, and leaves nothing behind', async () => {
    await tf.setBackend('wasm');
    expect(hasRecurrentKernel()).toBe(true);
    const kernel = vi.spyOn(tf.engine(), 'runKernel');
    const layer = layers.bidirectional({
      layer: layers.lstm({ units: 3 }),
      mergeMode: 'concat',
    });
    const x = tf.variable(randomTensor([2, 4, 3], 1));
    layer.build([null, 4, 3]);
    const step = () => {
      const { value, grads } = tf.variableGrads(() => tf.sum(layer.call(x, {}) as tf.Tensor));
      tf.dispose([value, ...Object.values(grads)]);
    };
    step();
    const before = tf.memory().numTensors;
    step();
    const names = kernel.mock.calls.map(([name]) => name);
    kernel.mockRestore();
    expect(names.filter((name) => name === 'BatchwiseRecurrent')).toHaveLength(4);
    expect(tf.memory().numTensors).toBe(before);
  });
});
