import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../../../src/trainer/backends/backend';
import { expectSame, loadCpu, loadWasm, randomTensor } from '../backends';

/** The compiled kernels against the CPU backend, over shapes around the widths that they work in. */

const runs = { seed: 20240817, numRuns: 60 };
const fewerRuns = { ...runs, numRuns: 30 };

let wasm: Device;

beforeAll(async () => {
  await loadCpu();
  wasm = await loadWasm();
});

/** Lengths of nothing, of one, of vectors of 4 and 8 and of what is left over. */
const length = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 20 }), weight: 8 },
  { arbitrary: fc.constantFrom(31, 32, 33, 63, 65), weight: 2 },
  { arbitrary: fc.constant(0), weight: 1 },
);
/** Lengths around a block of a matrix product. */
const blockLength = fc.oneof(
  { arbitrary: length, weight: 3 },
  { arbitrary: fc.constantFrom(127, 128, 129, 136, 255, 256, 257, 300), weight: 2 },
);

/** Whole numbers of a seed, below `limit`. */
function indices(shape: number[], limit: number, seed: number): tf.Tensor {
  const scaled = tf.mul(tf.add(randomTensor(shape, seed), 1), limit / 2);
  return tf.cast(tf.clipByValue(tf.floor(scaled), 0, limit - 1), 'int32');
}

describe('sums', () => {
  const shapes = fc.array(length, { minLength: 2, maxLength: 4 });

  it('over leading axes', () => {
    fc.assert(
      fc.property(shapes, fc.nat(3), fc.boolean(), (shape, summed, keepDims) => {
        const axes = shape.slice(0, Math.min(summed, shape.length - 1)).map((_, axis) => axis);
        expectSame(() => tf.sum(randomTensor(shape, 1), axes, keepDims));
      }),
      runs,
    );
  });

  it('over more rows than are summed together', () => {
    const rows = fc.constantFrom(255, 256, 257, 511, 513, 1000);
    fc.assert(
      fc.property(rows, length, (count, columns) => {
        expectSame(() => tf.sum(randomTensor([count, columns], 2), 0));
      }),
      fewerRuns,
    );
  });

  it('as means', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 }),
        fc.nat(3),
        fc.boolean(),
        (shape, summed, keepDims) => {
          const axes = shape.slice(0, Math.min(summed, shape.length - 1)).map((_, axis) => axis);
          expectSame(() => tf.mean(randomTensor(shape, 1), axes, keepDims));
        },
      ),
      fewerRuns,
    );
  });

  it('over any other axes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.nat(15),
        (shape, mask) => {
          const axes = [...shape.keys()].filter((axis) => (mask >> axis) & 1);
          expectSame(() => tf.sum(randomTensor(shape, 3), axes.reverse()));
        },
      ),
      fewerRuns,
    );
  });
});

describe('tiling', () => {
  it('repeats all of a tensor, and its parts', () => {
    const times = fc.integer({ min: 1, max: 4 });
    const axis = fc.tuple(fc.constantFrom(1, 1, 2, 5), times);
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), (axes) => {
        const [shape, reps] = [axes.map(([size]) => size), axes.map(([, times]) => times)];
        expectSame(() => tf.tile(randomTensor(shape, 1), reps));
        expectSame(() => tf.tile(indices(shape, 9, 2), reps));
      }),
      runs,
    );
  });

  it('repeats blocks of every length within a tensor', () => {
    fc.assert(
      fc.property(
        fc.array(length, { maxLength: 2 }),
        fc.array(length, { maxLength: 2 }),
        fc.integer({ min: 1, max: 70 }),
        (outer, block, times) => {
          const shape = [...outer, 1, ...block];
          const reps = shape.map((_, axis) => (axis === outer.length ? times : 1));
          expectSame(() => tf.tile(randomTensor(shape, 1), reps));
          expectSame(() => tf.tile(indices(shape, 9, 2), reps));
        },
      ),
      fewerRuns,
    );
  });
});

describe('slicing with strides', () => {
  it('takes rows and columns of pictures', () => {
    const side = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(8), fc.nat(8), fc.integer({ min: 1, max: 3 }))
      .map(([size, a, b, step]) => {
        const [from, to] = [a % size, b % size].toSorted((x, y) => x - y) as [number, number];
        return { size, from, to: to + 1, step };
      });
    const few = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(few, side, side, few, (batch, rows, columns, channels) => {
        expectSame(() =>
          tf.stridedSlice(
            randomTensor([batch, rows.size, columns.size, channels], 1),
            [0, rows.from, columns.from, 0],
            [batch, rows.to, columns.to, channels],
            [1, rows.step, columns.step, 1],
          ),
        );
      }),
      runs,
    );
  });

  it('counts from the end, backwards, and over other axes', () => {
    const x = () => randomTensor([4, 6, 5, 3], 3);
    expectSame(() => tf.stridedSlice(x(), [0, -4, 0, 0], [4, -1, 5, 3], [1, 2, 1, 1]));
    expectSame(() => tf.stridedSlice(x(), [0, 5, 4, 0], [4, 0, 0, 3], [1, -2, -1, 1]));
    expectSame(() => tf.stridedSlice(x(), [1, 0, 0, 0], [4, 6, 5, 3], [2, 1, 1, 2]));
    expectSame(() => tf.stridedSlice(x(), [0, 1, 1, 0], [4, 6, 5, 3], [1, 2, 2, 1], 2, 4));
  });
});

describe('gathering', () => {
  const type = fc.constantFrom('float32' as const, 'int32' as const);

  it('takes rows of any shape, by indices of any shape', () => {
    const rows = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      rest: fc.array(length, { maxLength: 2 }),
      wanted: fc.array(length, { minLength: 1, maxLength: 2 }),
      axis: fc.nat(1),
      type,
    });
    fc.assert(
      fc.property(rows, ({ count, rest, wanted, axis, type }) => {
        // tfjs's own, along other axes, knows no tensors without values.
        const empty = [...rest, ...wanted].includes(0);
        const along = empty ? 0 : Math.min(axis, rest.length);
        const shape = rest.toSpliced(along, 0, count);
        expectSame(() =>
          tf.gather(
            tf.cast(tf.mul(randomTensor(shape, 1), 100), type),
            indices(wanted, count, 2),
            along,
          ),
        );
      }),
      runs,
    );
  });

  it('refuses an index that is outside', () => {
    void tf.setBackend('wasm');
    const x = tf.ones([3, 2]);
    for (const index of [-1, 3]) {
      expect(() => tf.gather(x, tf.tensor1d([0, index], 'int32'))).toThrow(/out of|not in/);
    }
  });
});

describe('cutting', () => {
  const type = fc.constantFrom('float32' as const, 'int32' as const);
  const cutting = fc.record({
    sizes: fc.array(length, { minLength: 1, maxLength: 4 }),
    rest: fc.array(length, { maxLength: 3 }),
    place: fc.nat(3),
    type,
  });

  it('splits along any axis into parts of any size', () => {
    fc.assert(
      fc.property(cutting, ({ sizes, rest, place, type }) => {
        const axis = Math.min(place, rest.length);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const shape = rest.toSpliced(axis, 0, total);
        const cut = () => tf.split(tf.cast(tf.mul(randomTensor(shape, 1), 100), type), sizes, axis);
        for (const part of sizes.keys()) expectSame(() => cut()[part] as tf.Tensor);
      }),
      fewerRuns,
    );
  });

  it('takes apart along any axis', () => {
    fc.assert(
      fc.property(cutting, ({ sizes: [count = 1], rest, place, type }) => {
        const axis = Math.min(place, rest.length);
        const shape = rest.toSpliced(axis, 0, count);
        const parts = () => tf.unstack(tf.cast(tf.mul(randomTensor(shape, 1), 100), type), axis);
        void tf.setBackend('wasm');
        expect(parts()).toHaveLength(count);
        for (const part of [0, count - 1]) {
          if (part >= 0 && part < count) expectSame(() => parts()[part] as tf.Tensor);
        }
      }),
      fewerRuns,
    );
  });
});

describe('matrix products', () => {
  const product = fc.record({
    rows: blockLength,
    inner: blockLength,
    columns: blockLength,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  });

  it('of blocks and what is left over, transposed or not', () => {
    fc.assert(
      fc.property(product, ({ rows, inner, columns, transposeA, transposeB }) => {
        expectSame(() =>
          tf.matMul(
            randomTensor(transposeA ? [inner, rows] : [rows, inner], 1),
            randomTensor(transposeB ? [columns, inner] : [inner, columns], 2),
            transposeA,
            transposeB,
          ),
        );
      }),
      runs,
    );
  });

  it('whose batches are paired or spread', () => {
    const batches = fc.constantFrom(
      ...[
        [[3], [3]],
        [[3], [1]],
        [[1], [3]],
        [
          [2, 3],
          [2, 3],
        ],
        [
          [2, 1],
          [1, 3],
        ],
        [[2, 3], [3]],
        [
          [2, 3],
          [1, 1],
        ],
        [[], [4]],
        [[0], [0]],
      ].map(([a = [], b = []]) => [a, b] as const),
    );
    const small = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(batches, small, small, small, fc.boolean(), ([a, b], m, k, n, transposed) => {
        expectSame(() =>
          tf.matMul(
            randomTensor([...a, ...(transposed ? [k, m] : [m, k])], 1),
            randomTensor([...b, k, n], 2),
            transposed,
          ),
        );
      }),
      runs,
    );
  });

  it('with a bias and an activation', () => {
    const activation = fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'prelu');
    const bias = fc.constantFrom('none', 'row', 'one row', 'single');
    fc.assert(
      fc.property(product, activation, bias, (p, activation, kind) => {
        if (p.rows * p.columns * p.inner === 0) return;
        // tfjs's own kernel, which has the other activations, takes biases of one axis alone.
        const ours = ['linear', 'relu'].includes(activation);
        expectSame(() => {
          const biases = {
            none: randomTensor([p.columns], 3),
            row: randomTensor([p.columns], 3),
            'one row': randomTensor([1, p.columns], 3),
            single: randomTensor([1], 3),
          };
          const bias = biases[ours ? (kind as 'row') : 'row'];
          return tf.fused.matMul({
            a: randomTensor(p.transposeA ? [p.inner, p.rows] : [p.rows, p.inner], 1),
            b: randomTensor(p.transposeB ? [p.columns, p.inner] : [p.inner, p.columns], 2),
            transposeA: p.transposeA,
            transposeB: p.transposeB,
            ...(kind !== 'none' && { bias }),
            activation: activation,
            ...(activation === 'prelu' && { preluActivationWeights: randomTensor([p.columns], 4) }),
          });
        });
      }),
      runs,
    );
  });
});

describe('gradients that pass within bounds', () => {
  const cuts = {
    relu: (x: tf.Tensor) => tf.relu(x),
    clip: (x: tf.Tensor) => tf.clipByValue(x, -0.5, 0.5),
    clipToNothing: (x: tf.Tensor) => tf.clipByValue(x, 0, 0),
  };
  it('of any number of values, at the bounds too', () => {
    fc.assert(
      fc.property(length, fc.constantFrom(...Object.values(cuts)), (count, cut) => {
        // Halves and quarters, so that many lie on a bound.
        expectSame(() =>
          tf.grad((x: tf.Tensor) => tf.sum(tf.mul(cut(x), tf.add(x, 2))))(
            tf.div(tf.round(tf.mul(randomTensor([count], 5), 4)), 4),
          ),
        );
      }),
      runs,
    );
  });
});

describe('a clone', () => {
  it('shares its values and outlives its original', () => {
    void tf.setBackend('wasm');
    const original = tf.tensor1d([1, 2, 3]);
    const before = wasm.meter.liveBytes();
    const clone = tf.clone(original);
    expect(wasm.meter.liveBytes()).toBe(before);
    original.dispose();
    expect(Array.from(clone.dataSync())).toEqual([1, 2, 3]);
    clone.dispose();
  });
});
