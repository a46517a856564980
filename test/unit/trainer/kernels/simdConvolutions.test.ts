import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import {
  expectClose,
  expectSame,
  loadCpu,
  loadWasm,
  onBothBackends,
  randomTensor,
} from '../backends';

/** Convolutions and max pooling against the CPU backend, over random shapes and settings. */

const runs = { seed: 20240817, numRuns: 60 };
const fewerRuns = { ...runs, numRuns: 30 };

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

const someConvolution = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  height: fc.integer({ min: 5, max: 12 }),
  width: fc.integer({ min: 5, max: 12 }),
  channels: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 17)),
  outputs: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 19)),
  filter: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  /** A stride and a dilation may not both differ from 1. */
  steps: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.boolean()),
  pad: fc.oneof(
    fc.constantFrom('same' as const, 'valid' as const),
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 }),
  ),
  seed: fc.integer({ min: 1, max: 1000 }),
});
type Convolution = typeof someConvolution extends fc.Arbitrary<infer T> ? T : never;

interface Steps {
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];
}

function stepsOf({ steps: [rows, columns, dilated], pad }: Convolution): Steps {
  const [top = 0, bottom = 0, left = 0, right = 0] = Array.isArray(pad) ? pad : [];
  return {
    strides: dilated ? [1, 1] : [rows, columns],
    dilations: dilated ? [rows, columns] : [1, 1],
    pad: Array.isArray(pad)
      ? [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]
      : pad,
  };
}

/** Those whose windows fit into the image at least once. */
const convolution = someConvolution.filter((c) => {
  const { strides, dilations, pad } = stepsOf(c);
  const shape: [number, number, number, number] = [1, c.height, c.width, 1];
  const filter: [number, number, number, number] = [...c.filter, 1, 1];
  const info = tf.backend_util.computeConv2DInfo(shape, filter, strides, dilations, pad);
  return info.outHeight > 0 && info.outWidth > 0;
});

const xOf = (c: Convolution, batch = c.batch) =>
  randomTensor([batch, c.height, c.width, c.channels], c.seed) as tf.Tensor4D;
const filterOf = (c: Convolution, outputs = c.outputs) =>
  randomTensor([...c.filter, c.channels, outputs], c.seed + 1) as tf.Tensor4D;

/** A filter with zeros between its values, which does undilated what the filter does dilated. */
function spread(filter: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor4D {
  const [height, width, channels, outputs] = filter.shape;
  const lines = tf.reshape(filter, [height, 1, width, 1, channels * outputs]);
  const padded = tf.pad(lines, [
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]);
  const [tall, wide] = [height * rows, width * columns];
  const whole = tf.reshape<tf.Rank.R4>(padded, [tall, wide, channels, outputs]);
  return tf.slice(whole, 0, [tall - rows + 1, wide - columns + 1, channels, outputs]);
}

describe('convolutions', () => {
  it('of any stride, dilation and padding', () => {
    fc.assert(
      fc.property(convolution, (c) => {
        const { strides, dilations, pad } = stepsOf(c);
        expectSame(() => tf.conv2d(xOf(c), filterOf(c), strides, pad, 'NHWC', dilations));
      }),
      runs,
    );
  });

  it('with a bias and an activation', () => {
    const activation = fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid');
    fc.assert(
      fc.property(convolution, activation, fc.boolean(), (c, activation, biased) => {
        if (c.batch === 0) return;
        const { strides, dilations, pad } = stepsOf(c);
        expectSame(() =>
          tf.fused.conv2d({
            x: xOf(c),
            filter: filterOf(c),
            strides,
            pad,
            dilations,
            ...(biased && { bias: randomTensor([c.outputs], 9) }),
            activation: activation,
          }),
        );
      }),
      fewerRuns,
    );
  });

  it('of more pixels and more values than are gathered at once', () => {
    for (const [shape, filter] of [
      [
        [3, 40, 33, 5],
        [3, 3, 5, 6],
      ],
      [
        [2, 7, 7, 250],
        [3, 3, 250, 3],
      ],
      [
        [1, 5, 5, 1000],
        [4, 4, 1000, 2],
      ],
    ] as const) {
      for (const part of [0, 1, 2]) {
        expectSame(() => {
          const inputs = [randomTensor([...shape], 1), randomTensor([...filter], 2)];
          const convolve = (x: tf.Tensor, w: tf.Tensor) =>
            tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
          const gradients = () =>
            tf.grads((x, w) => tf.sum(tf.square(convolve(x, w))))(inputs)[part - 1] as tf.Tensor;
          return part === 0
            ? convolve(inputs[0] as tf.Tensor, inputs[1] as tf.Tensor)
            : gradients();
        }, 1e-4);
      }
    }
  });

  it('have, dilated too, the gradients of the same ones with spread filters', () => {
    fc.assert(
      fc.property(convolution, fc.nat(1), (c, of) => {
        const { strides, dilations, pad } = stepsOf(c);
        const gradient = (sum: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D) => {
          const both = tf.grads((x, filter) =>
            tf.sum(tf.square(sum(x as tf.Tensor4D, filter as tf.Tensor4D))),
          )([xOf(c, c.batch + 1), filterOf(c)]);
          return both[of] as tf.Tensor;
        };
        const dilated = () =>
          gradient((x, filter) => tf.conv2d(x, filter, strides, pad, 'NHWC', dilations));
        // Padding `same` is that of the dilated filter, which is as large as the spread one.
        const undilated = () =>
          gradient((x, filter) => tf.conv2d(x, spread(filter, dilations), strides, pad));
        const reference = onBothBackends(undilated).cpu;
        const found = onBothBackends(dilated);
        expectClose(found.wasm, reference, 1e-4);
        expectClose(found.cpu, reference, 1e-4);
      }),
      runs,
    );
  });
});

describe('depthwise convolutions', () => {
  const multiplier = fc.integer({ min: 1, max: 3 });

  it('of any stride, dilation and padding', () => {
    fc.assert(
      fc.property(convolution, multiplier, (c, multiplier) => {
        const { strides, dilations, pad } = stepsOf(c);
        expectSame(() =>
          tf.depthwiseConv2d(
            xOf(c, c.batch + 1),
            filterOf(c, multiplier),
            strides,
            pad,
            'NHWC',
            dilations,
          ),
        );
      }),
      runs,
    );
  });

  it('have, dilated too, the gradients of the same ones with spread filters', () => {
    fc.assert(
      fc.property(convolution, multiplier, fc.nat(1), (c, multiplier, of) => {
        const { strides, dilations, pad } = stepsOf(c);
        const gradient = (sum: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D) =>
          tf.grads((x, filter) => tf.sum(tf.square(sum(x as tf.Tensor4D, filter as tf.Tensor4D))))([
            xOf(c, c.batch + 1),
            filterOf(c, multiplier),
          ])[of] as tf.Tensor;
        const dilated = () =>
          gradient((x, filter) => tf.depthwiseConv2d(x, filter, strides, pad, 'NHWC', dilations));
        const undilated = () =>
          gradient((x, filter) => tf.depthwiseConv2d(x, spread(filter, dilations), strides, pad));
        const reference = onBothBackends(undilated).cpu;
        const found = onBothBackends(dilated);
        expectClose(found.wasm, reference, 1e-4);
        expectClose(found.cpu, reference, 1e-4);
      }),
      runs,
    );
  });
});

describe('the gradient of max pooling', () => {
  it('over any number of channels and any window', () => {
    fc.assert(
      fc.property(convolution, (c) => {
        const { strides, pad } = stepsOf({ ...c, steps: [c.steps[0], c.steps[1], false] });
        // Padding beyond the window would leave windows that see nothing.
        const padding = typeof pad === 'string' ? pad : 'same';
        expectSame(() =>
          tf.grad((x: tf.Tensor) =>
            tf.sum(tf.square(tf.maxPool(x as tf.Tensor4D, c.filter, strides, padding))),
          )(tf.relu(xOf(c, c.batch + 1))),
        );
      }),
      runs,
    );
  });
});
