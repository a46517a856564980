import '../../../../src/trainer/tfjs/tf';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCpu, randomTensor } from '../backends';

type Layer = LayersModel['layers'][number];

beforeAll(async () => {
  await loadCpu();
});

function outputs(layer: Layer, x: tf.Tensor, training: boolean): number[] {
  const model = sequential({ layers: [layer] as never });
  return Array.from((model.apply(x, { training }) as tf.Tensor).dataSync());
}

function expectEqual(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(actual[index]).toBeCloseTo(value, 5);
  });
}

describe('normalization', () => {
  it.each([true, false])(
    'without scale and offset is that with 1 and 0 (training: %s)',
    (training) => {
      const x = randomTensor([6, 3, 4], 1);
      const inputShape = [3, 4];
      const bare = { inputShape, scale: false, center: false };
      for (const make of [layers.batchNormalization, layers.layerNormalization]) {
        expectEqual(outputs(make(bare), x, training), outputs(make({ inputShape }), x, training));
      }
    },
  );

  it('over another axis is that over the last of exchanged axes', () => {
    const x = randomTensor([6, 3, 4], 2);
    const exchange = [0, 2, 1];
    const middle = outputs(layers.batchNormalization({ inputShape: [3, 4], axis: 1 }), x, true);
    const last = layers.batchNormalization({ inputShape: [4, 3] });
    const expected = outputs(last, tf.transpose(x, exchange), true);
    const back = tf.transpose(tf.tensor(expected, [6, 4, 3]), exchange);
    expectEqual(middle, Array.from(back.dataSync()));
  });
});

describe('causal convolution', () => {
  it('keeps every step and never sees a later one', () => {
    const settings = fc.record({
      steps: fc.integer({ min: 1, max: 9 }),
      kernelSize: fc.integer({ min: 1, max: 4 }),
      dilationRate: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(settings, ({ steps, kernelSize, dilationRate }) => {
        const layer = layers.conv1d({
          inputShape: [steps, 2],
          filters: 3,
          kernelSize,
          dilationRate,
          padding: 'causal',
        });
        const model = sequential({ layers: [layer] });
        expect(model.outputs[0]?.shape).toEqual([null, steps, 3]);
        const x = randomTensor([1, steps, 2], 3);
        const seen = (model.apply(x) as tf.Tensor).dataSync();
        const half = Math.ceil(steps / 2);
        const start = tf.slice(x, [0, 0, 0], [1, half, 2]);
        const cut = tf.pad(start, [
          [0, 0],
          [0, steps - half],
          [0, 0],
        ]);
        const without = (model.apply(cut) as tf.Tensor).dataSync();
        expectEqual(Array.from(without.slice(0, half * 3)), Array.from(seen.slice(0, half * 3)));
      }),
      { seed: 7, numRuns: 30 },
    );
  });
});
