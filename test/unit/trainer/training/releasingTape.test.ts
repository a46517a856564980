import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { releaseOnTheWayBack } from '../../../../src/trainer/training/releasingTape';
import { loadCpu, loadWasm } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const side = 4;
const parameters = 2;

/** Operations between tensors of one shape; several hand their gradient on, or share it. */
const operations: Record<string, (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor2D> = {
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  product: (a, b) => tf.matMul(a, b),
  tanh: (a) => tf.tanh(a),
  softmax: (a) => tf.softmax(a),
  reshape: (a) => tf.reshape(tf.reshape(a, [side * side]), [side, side]),
  clone: (a) => tf.clone(a),
  mean: (a, b) => tf.add(b, tf.mean(a, 0, true)),
  halves: (a) => {
    const [left, right] = tf.split(a, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.concat([right, left], 1);
  },
  // Only one of two outputs has a gradient.
  half: (a, b) => {
    const [left] = tf.split(a, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.mul(b, tf.tile(left, [1, 2]));
  },
  unused: (a, b) => {
    tf.exp(b);
    return tf.relu(a);
  },
  handedOn: tf.customGrad((a, b) => ({
    value: tf.add(a as tf.Tensor, b as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  })) as (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor2D,
};

const step = fc.tuple(
  fc.constantFrom(...Object.keys(operations)),
  fc.nat({ max: 20 }),
  fc.nat({ max: 20 }),
);

/** A loss of weights: each step works on two of what is there so far. */
function lossOf(steps: readonly (readonly [string, number, number])[], weights: tf.Tensor2D[]) {
  const made = [...weights];
  for (const [name, first, second] of steps) {
    const [a, b] = [made[first % made.length], made[second % made.length]];
    const operation = operations[name];
    if (a && b && operation) made.push(operation(a, b));
  }
  return tf.mean<tf.Scalar>(tf.addN([...made.slice(-2), ...weights]));
}

function gradients(loss: () => tf.Scalar, weights: tf.Variable[]): number[][] {
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, weights);
    const all = [value, ...Object.values(grads)];
    return all.map((tensor) => Array.from(tensor.dataSync())) as never;
  });
}

describe.each(['cpu', 'wasm'])('gradients that are released on the way back, on %s', (backend) => {
  it('are those that the engine gives, and leave nothing behind', async () => {
    await tf.setBackend(backend);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const before = tf.memory();
        const weights = Array.from({ length: parameters }, (_, index) =>
          tf.tidy(() =>
            tf.variable<tf.Rank.R2>(tf.randomNormal([side, side], 0, 0.5, 'float32', index + 1)),
          ),
        );
        const loss = () => lossOf(steps, weights);
        const expected = gradients(loss, weights);
        const released = gradients(() => {
          const value = loss();
          releaseOnTheWayBack();
          return value;
        }, weights);
        expect(released).toEqual(expected);
        tf.dispose(weights);
        expect(tf.memory().numTensors).toBe(before.numTensors);
        expect(tf.memory().numBytes).toBe(before.numBytes);
      }),
      { seed: 20261201, numRuns: 200 },
    );
  });

  it('hold one activation less with each layer they have passed', async () => {
    await tf.setBackend(backend);
    const layers = 12;
    const held = (release: boolean): number[] => {
      const bytes: number[] = [];
      const watched = tf.customGrad((x) => ({
        value: tf.tanh(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => {
          bytes.push(tf.memory().numBytes);
          return tf.mul(dy, 1);
        },
      }));
      tf.tidy(() => {
        const weights = Array.from({ length: layers }, () => tf.variable(tf.ones([side, side])));
        tf.variableGrads(() => {
          let x: tf.Tensor = tf.ones([1000, side]);
          for (const weight of weights) x = watched(tf.matMul(x, weight));
          const loss = tf.mean<tf.Scalar>(x);
          if (release) releaseOnTheWayBack();
          return loss;
        }, weights);
        tf.dispose(weights);
      });
      return bytes;
    };
    const [kept, released] = [held(false), held(true)];
    expect(kept).toHaveLength(layers);
    expect(kept.at(-1)).toBeGreaterThan(kept[0] ?? Infinity);
    released.slice(1).forEach((bytes, index) => {
      expect(bytes).toBeLessThan(released[index] ?? 0);
    });
  });
});
