import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, loadCpu, loadWasm, onBothBackends, randomTensor } from '../backends';

const runs = { seed: 20240817, numRuns: 40 };

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

/** Sum of squares of a result, so that its gradient differs at every place. */
const squares = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(x));

const window = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 9 }),
  width: fc.integer({ min: 3, max: 9 }),
  channels: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 4 }),
  filterHeight: fc.integer({ min: 1, max: 3 }),
  filterWidth: fc.integer({ min: 1, max: 3 }),
  strideHeight: fc.integer({ min: 1, max: 4 }),
  strideWidth: fc.integer({ min: 1, max: 4 }),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.integer({ min: 1, max: 1000 }),
});

describe('convolutions', () => {
  it('have the gradients of the CPU backend', () => {
    fc.assert(
      fc.property(window, (w) => {
        for (const of of [0, 1] as const) {
          const { wasm, cpu } = onBothBackends(() => {
            const x = randomTensor([w.batch, w.height, w.width, w.channels], w.seed);
            const filter = randomTensor(
              [w.filterHeight, w.filterWidth, w.channels, w.outputs],
              w.seed + 1,
            );
            const gradients = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
              squares(
                tf.conv2d(
                  x as tf.Tensor4D,
                  filter as tf.Tensor4D,
                  [w.strideHeight, w.strideWidth],
                  w.pad,
                ),
              ),
            )([x, filter]);
            return gradients[of] as tf.Tensor;
          });
          expectClose(wasm, cpu);
        }
      }),
      runs,
    );
  });

  it('have them with explicit padding', () => {
    const padding = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(window, padding, (w, [top = 0, bottom = 0, left = 0, right = 0]) => {
        const { wasm, cpu } = onBothBackends(() => {
          const x = randomTensor([w.batch, w.height, w.width, w.channels], w.seed);
          const [filterGradient] = tf.grads((filter: tf.Tensor) =>
            squares(
              tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, w.strideHeight, [
                [0, 0],
                [top, bottom],
                [left, right],
                [0, 0],
              ]),
            ),
          )([randomTensor([w.filterHeight, w.filterWidth, w.channels, w.outputs], w.seed + 1)]);
          return filterGradient as tf.Tensor;
        });
        expectClose(wasm, cpu);
      }),
      runs,
    );
  });
});

describe('depthwise convolutions', () => {
  it('have the gradients of the CPU backend', () => {
    fc.assert(
      fc.property(window, (w) => {
        for (const of of [0, 1] as const) {
          const { wasm, cpu } = onBothBackends(() => {
            const x = randomTensor([w.batch, w.height, w.width, w.channels], w.seed);
            const filter = randomTensor(
              [w.filterHeight, w.filterWidth, w.channels, w.outputs],
              w.seed + 1,
            );
            const gradients = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
              squares(
                tf.depthwiseConv2d(
                  x as tf.Tensor4D,
                  filter as tf.Tensor4D,
                  [w.strideHeight, w.strideHeight],
                  w.pad,
                ),
              ),
            )([x, filter]);
            return gradients[of] as tf.Tensor;
          });
          expectClose(wasm, cpu);
        }
      }),
      runs,
    );
  });

  it('have, dilated, the gradients that differences give', () => {
    // tfjs refuses to differentiate dilated convolutions, so the kernels are called themselves:
    // d(sum of y·dy) along a direction v is what the kernel's gradient times v must come to.
    const x = () => randomTensor([2, 7, 8, 3], 1) as tf.Tensor4D;
    const filter = () => randomTensor([3, 2, 3, 2], 2) as tf.Tensor4D;
    const attrs = { strides: [1, 1], pad: 'same', dilations: [2, 2] };
    void tf.setBackend('wasm');
    const forward = (a: tf.Tensor4D, b: tf.Tensor4D) =>
      tf.depthwiseConv2d(a, b, 1, 'same', 'NHWC', [2, 2]);
    const y = forward(x(), filter());
    const dy = randomTensor(y.shape, 3);
    const value = (a: tf.Tensor) => tf.sum(tf.mul(a, dy)).dataSync()[0] ?? NaN;
    const dx: tf.Tensor = tf
      .engine()
      .runKernel(
        'DepthwiseConv2dNativeBackpropInput',
        { dy, filter: filter() },
        { ...attrs, inputShape: [2, 7, 8, 3] },
      );
    const dw: tf.Tensor = tf
      .engine()
      .runKernel(
        'DepthwiseConv2dNativeBackpropFilter',
        { x: x(), dy },
        { ...attrs, filterShape: [3, 2, 3, 2] },
      );
    const vx = randomTensor([2, 7, 8, 3], 4) as tf.Tensor4D;
    const vw = randomTensor([3, 2, 3, 2], 5) as tf.Tensor4D;
    // The convolution is linear in each argument, so differences are exact.
    expect(tf.sum(tf.mul(dx, vx)).dataSync()[0]).toBeCloseTo(value(forward(vx, filter())), 3);
    expect(tf.sum(tf.mul(dw, vw)).dataSync()[0]).toBeCloseTo(value(forward(x(), vw)), 3);
  });
});

describe('pooling', () => {
  it('has the gradients of the CPU backend, ties included', () => {
    const pooling = fc.tuple(window, fc.boolean(), fc.constantFrom('max', 'avg'));
    fc.assert(
      fc.property(pooling, ([w, tied, kind]) => {
        const { wasm, cpu } = onBothBackends(() => {
          const random = randomTensor([w.batch, w.height, w.width, w.channels], w.seed);
          const x = (tied ? tf.relu(random) : random) as tf.Tensor4D;
          const pool = kind === 'max' ? tf.maxPool : tf.avgPool;
          const size: [number, number] = [w.filterHeight, w.filterWidth];
          return tf.grad((x: tf.Tensor) =>
            squares(
              tf.add(1, pool(x as tf.Tensor4D, size, [w.strideHeight, w.strideWidth], w.pad)),
            ),
          )(x);
        });
        expectClose(wasm, cpu);
      }),
      runs,
    );
  });
});

describe('volumes', () => {
  const volume = fc.record({
    shape: fc.tuple(...[2, 4, 4, 4, 3].map((max) => fc.integer({ min: 1, max }))),
    outputs: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
  });

  it('are convolved as on the CPU backend', () => {
    fc.assert(
      fc.property(volume, ({ shape, outputs, size, stride }) => {
        const convolved = onBothBackends(() => {
          const filter = randomTensor([size, size, size, shape[4] ?? 1, outputs], 2);
          const x = randomTensor(shape, 1) as tf.Tensor5D;
          return tf.conv3d(x, filter as tf.Tensor5D, stride, 'same');
        });
        expectClose(convolved.wasm, convolved.cpu);
      }),
      runs,
    );
  });

  it('have the gradients of the CPU backend', () => {
    fc.assert(
      fc.property(volume, ({ shape, outputs, size, stride }) => {
        const convolved = onBothBackends(() => {
          const filter = randomTensor([size, size, size, shape[4] ?? 1, outputs], 2);
          return tf.grad((x: tf.Tensor) =>
            squares(tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, stride, 'same')),
          )(randomTensor(shape, 1));
        });
        expectClose(convolved.wasm, convolved.cpu);
        const filtered = onBothBackends(() => {
          const x = randomTensor(shape, 1) as tf.Tensor5D;
          return tf.grad((filter: tf.Tensor) =>
            squares(tf.conv3d(x, filter as tf.Tensor5D, stride, 'same')),
          )(randomTensor([size, size, size, shape[4] ?? 1, outputs], 2));
        });
        expectClose(filtered.wasm, filtered.cpu);
        const pooled = onBothBackends(() =>
          tf.grad((x: tf.Tensor) => squares(tf.maxPool3d(x as tf.Tensor5D, size, stride, 'same')))(
            randomTensor(shape, 1),
          ),
        );
        expectClose(pooled.wasm, pooled.cpu);
      }),
      runs,
    );
  });
});

describe('nearest-neighbour upsampling', () => {
  it('adds up the gradients of the copies', () => {
    // The CPU backend reads wrong gradients from the second image on.
    void tf.setBackend('wasm');
    const x = randomTensor([3, 2, 4, 2], 1);
    const gradient = tf.grad((x: tf.Tensor) =>
      squares(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [4, 8])),
    )(x);
    const expected = tf.mul(x, 8);
    expectClose(
      { shape: gradient.shape, data: gradient.dataSync<'float32'>() },
      { shape: expected.shape, data: expected.dataSync<'float32'>() },
    );
  });
});

describe('matrix products', () => {
  it('come out equal however they are transposed', () => {
    const sizes = fc.record({
      batches: fc.constantFrom([], [3], [2, 2]),
      rows: fc.integer({ min: 1, max: 9 }),
      inner: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 9 }),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ batches, rows, inner, columns, transposeA, transposeB }) => {
        const { wasm, cpu } = onBothBackends(() => {
          const a = randomTensor([...batches, ...(transposeA ? [inner, rows] : [rows, inner])], 1);
          const b = randomTensor(
            [...batches, ...(transposeB ? [columns, inner] : [inner, columns])],
            2,
          );
          return tf.matMul(a, b, transposeA, transposeB);
        });
        expectClose(wasm, cpu);
      }),
      runs,
    );
  });

  it('come out equal when fused with bias and activation', () => {
    for (const [transposeA, transposeB] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const { wasm, cpu } = onBothBackends(() =>
        tf.fused.matMul({
          a: randomTensor(transposeA ? [5, 4] : [4, 5], 1),
          b: randomTensor(transposeB ? [3, 5] : [5, 3], 2),
          transposeA,
          transposeB,
          bias: randomTensor([3], 3),
          activation: 'relu',
        }),
      );
      expectClose(wasm, cpu);
    }
  });
});

describe('einsum', () => {
  const equations = fc.constantFrom(
    'ab,bc->ac',
    'abc,adc->abd',
    'abcd,aecd->acbe',
    'ab,ab->',
    'ab,cd->acbd',
    'abc->ca',
    'ab,b->a',
  );
  const sizes = fc.tuple(...['a', 'b', 'c', 'd', 'e'].map(() => fc.integer({ min: 1, max: 4 })));

  it('comes out as on the CPU backend', () => {
    fc.assert(
      fc.property(equations, sizes, (equation, shape) => {
        const operands = (equation.split('->')[0] ?? '').split(',');
        const { wasm, cpu } = onBothBackends(() =>
          tf.einsum(
            equation,
            ...operands.map((axes, index) =>
              randomTensor(
                Array.from(axes).map((axis) => shape['abcde'.indexOf(axis)] ?? 1),
                index + 1,
              ),
            ),
          ),
        );
        expectClose(wasm, cpu);
      }),
      runs,
    );
  });

  it('sums an axis of one term alone away', () => {
    // The CPU backend leaves such an axis in the shape.
    void tf.setBackend('wasm');
    const a = randomTensor([2, 3, 4], 1);
    const b = randomTensor([4, 5], 2);
    const actual = tf.einsum('abc,cd->bd', a, b);
    const expected = tf.matMul(tf.sum<tf.Tensor2D>(a, 0), b);
    expectClose(
      { shape: actual.shape, data: actual.dataSync<'float32'>() },
      { shape: expected.shape, data: expected.dataSync<'float32'>() },
    );
  });

  it('has the gradient that a matrix product has', () => {
    void tf.setBackend('wasm');
    const a = randomTensor([3, 4], 1);
    const b = randomTensor([4, 2], 2);
    const einsum = tf.grads((a: tf.Tensor, b: tf.Tensor) => squares(tf.einsum('ij,jk->ik', a, b)));
    const product = tf.grads((a: tf.Tensor, b: tf.Tensor) => squares(tf.matMul(a, b)));
    const [actual, expected] = [einsum([a, b]), product([a, b])];
    actual.forEach((gradient, index) => {
      expectClose(
        { shape: gradient.shape, data: gradient.dataSync<'float32'>() },
        {
          shape: expected[index]?.shape ?? [],
          data: expected[index]?.dataSync<'float32'>() ?? new Float32Array(),
        },
      );
    });
  });
});

describe('unsortedSegmentSum', () => {
  it('comes out as on the CPU backend', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.constantFrom([], [3], [2, 2]), (ids, rowShape) => {
        const { wasm, cpu } = onBothBackends(() =>
          tf.unsortedSegmentSum(
            randomTensor([ids.length, ...rowShape], 1),
            tf.tensor1d(ids, 'int32'),
            5,
          ),
        );
        expectClose(wasm, cpu);
      }),
      runs,
    );
  });

  it('adds up the gradients of an embedding', () => {
    const { wasm, cpu } = onBothBackends(() =>
      tf.grad((table: tf.Tensor) =>
        squares(tf.gather(table, tf.tensor2d([0, 2, 2, 1], [2, 2], 'int32'))),
      )(randomTensor([4, 3], 1)),
    );
    expectClose(wasm, cpu);
  });
});
