import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiledMetrics } from '../../../../src/trainer/model/metrics';
import { loadCpu } from '../backends';

beforeAll(async () => {
  await loadCpu();
});

const binary = { name: 'out', loss: 'binaryCrossentropy', units: 1 } as const;
const classes = { name: 'out', loss: 'sparseCategoricalCrossentropy', units: 3 } as const;
const numbers = { name: 'out', loss: 'meanSquaredError', units: 1 } as const;

function valueOf(
  given: unknown,
  output: typeof binary | typeof classes | typeof numbers,
  labels: tf.Tensor,
  outputs: tf.Tensor,
) {
  const { known, unknown } = compiledMetrics(given, [output]);
  expect(unknown).toEqual([]);
  return known.map((metric) => {
    const sums = [...metric.sums(labels, outputs).dataSync()];
    expect(sums).toHaveLength(metric.width);
    return metric.value(sums, labels.size);
  });
}

describe('metrics', () => {
  it.each([
    ['tfjs', ['acc', 'mse']],
    ['Keras 2', ['accuracy', 'mean_squared_error']],
    [
      'Keras 2, saved',
      [
        [{ class_name: 'MeanMetricWrapper', config: { name: 'accuracy', fn: 'binary_accuracy' } }],
        ['mse'],
      ],
    ],
    [
      'Keras 3',
      [
        'accuracy',
        { module: 'keras.metrics', class_name: 'MeanSquaredError', config: { name: 'x' } },
      ],
    ],
  ])('are read as %s writes them', (_, given) => {
    const labels = tf.tensor([0, 1, 1, 0]);
    const outputs = tf.tensor2d([[0.1], [0.9], [0.4], [0.2]]);
    const [accuracy, error] = valueOf(given, binary, labels, outputs);
    expect(accuracy).toBeCloseTo(0.75, 6);
    expect(error).toBeCloseTo((0.01 + 0.01 + 0.36 + 0.04) / 4, 6);
  });

  it('count what is right among what is chosen, and what is found of what there is', () => {
    const labels = tf.tensor([1, 1, 0, 0, 1]);
    const outputs = tf.tensor2d([[0.9], [0.2], [0.8], [0.1], [0.7]]);
    const found = valueOf(
      [{ class_name: 'Precision' }, { class_name: 'Recall' }],
      binary,
      labels,
      outputs,
    );
    expect(found[0]).toBeCloseTo(2 / 3, 6);
    expect(found[1]).toBeCloseTo(2 / 3, 6);
    const none = valueOf(['precision'], binary, tf.tensor([1]), tf.tensor2d([[0.1]]));
    expect(none).toEqual([null]);
  });

  it('measure the area under the curve: the share of pairs in the right order', () => {
    const labels = tf.tensor([0, 0, 1, 1]);
    const outputs = tf.tensor2d([[0.1], [0.4], [0.35], [0.8]]);
    const [area] = valueOf(
      [{ class_name: 'AUC', config: { name: 'auc' } }],
      binary,
      labels,
      outputs,
    );
    expect(area).toBeCloseTo(0.75, 2);
  });

  it('take the class among the most likely ones', () => {
    const labels = tf.tensor([0, 1, 2]);
    const outputs = tf.tensor2d([
      [0.5, 0.3, 0.2],
      [0.5, 0.3, 0.2],
      [0.5, 0.3, 0.2],
    ]);
    const two = { class_name: 'SparseTopKCategoricalAccuracy', config: { k: 2 } };
    const [top, first] = valueOf([two, 'sparse_categorical_accuracy'], classes, labels, outputs);
    expect(top).toBeCloseTo(2 / 3, 6);
    expect(first).toBeCloseTo(1 / 3, 6);
  });

  it('are roots and means of errors', () => {
    const found = valueOf(
      ['mae', 'RootMeanSquaredError'],
      numbers,
      tf.tensor([1, 3]),
      tf.tensor2d([[2], [6]]),
    );
    expect(found[0]).toBeCloseTo(2, 6);
    expect(found[1]).toBeCloseTo(Math.sqrt(5), 6);
  });

  it('that are not known are named', () => {
    const { known, unknown } = compiledMetrics(['my_score', { class_name: 'MeanIoU' }], [classes]);
    expect([known, unknown]).toEqual([[], ['my_score', 'mean_io_u']]);
  });
});
