import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormalizationKernels } from '../../../../src/trainer/kernels/batchNormalization';
import { expectClose, loadCpu, loadWasm, onBothBackends, type Values } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

interface Case {
  readonly shape: readonly number[];
  readonly channels: number;
  readonly scale: boolean;
  readonly center: boolean;
  /** Far from zero, where a variance from the mean of squares would be lost. */
  readonly shift: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  channels: fc.integer({ min: 1, max: 21 }),
  scale: fc.boolean(),
  center: fc.boolean(),
  shift: fc.constantFrom(0, -3, 500),
});

/** What a layer of this configuration gives for a batch: by name, on both backends. */
function trained({ shape, channels, scale, center, shift }: Case) {
  const results = (name: 'y' | 'dx' | 'weights' | 'moving') =>
    onBothBackends(() => {
      const full = [...shape, channels];
      const layer = layers.batchNormalization({ scale, center, momentum: 0.7 });
      layer.build(full);
      const x = tf.add(tf.randomNormal(full, 0, 1, 'float32', 3), shift);
      const towards = tf.randomNormal(full, 0, 1, 'float32', 4);
      layer.setWeights(
        layer.getWeights().map((weight, index) => {
          const spread = tf.randomUniform(weight.shape, 0.5, 1.5, 'float32', index);
          return spread;
        }),
      );
      const variables = layer.trainableWeights
        .map((weight) => weight.read())
        .filter((weight) => weight instanceof tf.Variable);
      const apply = (input: tf.Tensor) => layer.apply(input, { training: true }) as tf.Tensor;
      const loss = (input: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(apply(input), towards));
      const joined = (tensors: tf.Tensor[]) =>
        tf.concat([tf.zeros([1]), ...tensors.map((tensor) => tf.reshape(tensor, [-1]))]);
      switch (name) {
        case 'y':
          return apply(x);
        case 'dx':
          return tf.grad(loss)(x);
        case 'weights': {
          if (variables.length === 0) return tf.zeros([1]);
          const { grads } = tf.variableGrads(() => loss(x), variables);
          return joined(Object.values(grads));
        }
        case 'moving':
          apply(x);
          return joined(layer.getWeights());
      }
    });
  return {
    y: results('y'),
    dx: results('dx'),
    weights: results('weights'),
    moving: results('moving'),
  };
}

/** Equal to a share of the largest value, and of what rounding leaves of large inputs. */
function expectAlike({ cpu, wasm }: { cpu: Values; wasm: Values }, shift: number): void {
  expectClose(wasm, cpu, shift > 100 ? 2e-3 : 1e-4);
}

describe('batch normalization in one kernel', () => {
  it("gives tfjs's own outputs, gradients and moving averages", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const rows = given.shape.reduce((all, length) => all * length, 1);
        // A batch of one or two rows has hardly a variance: gradients are rounding errors.
        fc.pre(rows > 4);
        const { y, dx, weights, moving } = trained(given);
        expectAlike(y, given.shift);
        expectAlike(dx, given.shift);
        expectAlike(weights, given.shift);
        expectAlike(moving, given.shift);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('is what training on WASM uses, over more rows than are summed at once', async () => {
    await tf.setBackend('wasm');
    const layer = layers.batchNormalization({ inputShape: [8] });
    const { kernelNames } = await tf.profile(() => {
      const x = tf.randomNormal([1000, 8], 2, 3, 'float32', 5);
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      const { mean, variance } = tf.moments(y, 0);
      for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
      for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
    });
    layer.dispose();
    expect(kernelNames).toContain(batchNormalizationKernels.forward);
  });
});
