import { beforeAll, describe, expect, test } from 'vitest';
import type { LossName } from '../../../../src/core/model/losses';
import type { Dataset } from '../../../../src/trainer/data/dataset';
import { fitDataset } from '../../../../src/trainer/model/fit';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { datasetOf, useCpu, valueOf } from './fixtures';

beforeAll(useCpu);

const place = { file: '/w/batchwise.json' };
const dense = (units: number, activation: 'linear' | 'softmax' | 'sigmoid' | 'relu' = 'linear') =>
  tf.sequential({ layers: [tf.layers.dense({ units, activation, inputShape: [6] })] });
const images = (...inputShape: number[]) =>
  tf.sequential({
    layers: [
      tf.layers.reshape({ targetShape: [inputShape.reduce((a, b) => a * b)], inputShape }),
      tf.layers.dense({ units: 1 }),
    ],
  });

const three = ['a', 'b', 'c'];
const sparse = 'sparseCategoricalCrossentropy';
const categorical = 'categoricalCrossentropy';
const binary = 'binaryCrossentropy';
const squared = 'meanSquaredError';

describe('data fit', () => {
  test.each([
    [
      [8, 8],
      [8, 8, 1],
    ],
    [
      [8, 8, 1],
      [8, 8, 1],
    ],
    [
      [8, 8, 1],
      [8, 8],
    ],
  ])('samples %j in a model of %j', (sampleShape, wanted) => {
    const fitted = fitDataset(images(...wanted), datasetOf({ sampleShape }), squared, place);
    expect(valueOf(fitted).sampleShape).toEqual(wanted);
  });

  test.each<[string, LossName, ReturnType<typeof dense>, Partial<Dataset> & { labels?: number[] }]>(
    [
      ['classes', categorical, dense(3, 'softmax'), { classes: three, labels: [0, 1, 2] }],
      ['fewer classes than units', sparse, dense(5, 'softmax'), { classes: three }],
      ['one-hot rows', categorical, dense(2, 'softmax'), { labels: [0, 1, 1, 0], labelShape: [2] }],
      ['two classes', binary, dense(1, 'sigmoid'), { classes: ['no', 'yes'] }],
      ['several bits', binary, dense(2, 'sigmoid'), { labels: [0, 1, 1, 1], labelShape: [2] }],
      ['numbers', squared, dense(1), { labels: [0.5, 1.5, 2, -3] }],
      ['a column of numbers', squared, dense(1), { labels: [0.5, 1.5], labelShape: [1] }],
      ['rows of numbers', squared, dense(2), { labels: [0.5, 1.5], labelShape: [2] }],
    ],
  )('%s', (_, loss, model, data) => {
    expect(fitDataset(model, datasetOf(data), loss, place)).toMatchObject({ ok: true });
  });

  test('whole numbers as classes, and classes named by numbers as numbers', () => {
    const whole = datasetOf({ labels: [0, 2, 1, 2] });
    expect(valueOf(fitDataset(dense(3, 'softmax'), whole, sparse, place)).classes).toEqual([
      '0',
      '1',
      '2',
    ]);
    const named = datasetOf({ labels: [1, 0], classes: ['2.5', '7'] });
    const numbers = valueOf(fitDataset(dense(1), named, squared, place));
    expect(numbers.classes).toBeNull();
    expect([...numbers.train.labels]).toEqual([7, 2.5]);
  });
});

describe('data that do not fit are told with both shapes and the place', () => {
  const softmax = dense(3, 'softmax');

  test.each<
    [string, LossName, ReturnType<typeof dense>, Parameters<typeof datasetOf>[0], object, string[]]
  >([
    [
      'fitInput',
      squared,
      dense(1),
      { sampleShape: [4] },
      { data: '[4]', model: '[6]' },
      ['data', 'train'],
    ],
    [
      'fitInput',
      squared,
      images(8, 8, 1),
      { sampleShape: [8, 8, 3] },
      { data: '[8, 8, 3]', model: '[8, 8, 1]' },
      ['data', 'train'],
    ],
    [
      'fitClasses',
      sparse,
      softmax,
      { classes: [...three, 'd'] },
      { classes: 4, units: 3 },
      ['model'],
    ],
    [
      'fitCategoricalOneUnit',
      categorical,
      dense(1, 'sigmoid'),
      { classes: three },
      { model: '[1]' },
      ['model'],
    ],
    [
      'fitNotClasses',
      sparse,
      softmax,
      { labels: [0.5, 1.5] },
      { data: '[]' },
      ['training', 'loss'],
    ],
    [
      'fitLabels',
      categorical,
      softmax,
      { labels: [0, 1, 1, 0], labelShape: [4] },
      { data: '[4]', model: '[3]' },
      ['model'],
    ],
    [
      'fitBinaryUnits',
      binary,
      dense(2, 'softmax'),
      { classes: ['n', 'y'] },
      { model: '[2]' },
      ['model'],
    ],
    [
      'fitBinaryClasses',
      binary,
      dense(1, 'sigmoid'),
      { classes: three },
      { classes: 3 },
      ['training', 'loss'],
    ],
    [
      'fitRegressionOnClasses',
      squared,
      dense(1),
      { classes: three },
      { classes: 3 },
      ['training', 'loss'],
    ],
    [
      'fitLabels',
      squared,
      dense(2),
      { labels: [0.5, 1.5] },
      { data: '[]', model: '[2]' },
      ['model'],
    ],
    [
      'fitLabels',
      squared,
      dense(1),
      { labels: [0.5, 1.5], labelShape: [2] },
      { data: '[2]', model: '[1]' },
      ['data'],
    ],
    [
      'fitActivation',
      sparse,
      dense(3),
      { classes: three },
      { activation: 'linear', expected: 'softmax' },
      ['model'],
    ],
    [
      'fitActivation',
      binary,
      dense(1, 'relu'),
      { classes: ['n', 'y'] },
      { expected: 'sigmoid' },
      ['model'],
    ],
  ])('%s (%s)', (reason, loss, model, data, values, pointer) => {
    expect(fitDataset(model, datasetOf(data), loss, place)).toMatchObject({
      ok: false,
      problem: { reason, values, place: { ...place, pointer } },
    });
  });

  test('indices outside an embedding', () => {
    const layers = [
      tf.layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ];
    const model = tf.sequential({ layers });
    const fit = (features: number[]) =>
      fitDataset(
        model,
        datasetOf({ sampleShape: [2], labels: [0.5, 1], features }),
        squared,
        place,
      );
    expect(fit([0, 1, 2, 4])).toMatchObject({ ok: true });
    for (const wrong of [5, -1, 0.5]) {
      const problem = { reason: 'fitInputDtype', values: { maximum: 4, found: wrong } };
      expect(fit([0, 1, 2, wrong])).toMatchObject({ ok: false, problem });
    }
  });

  test('a model of two inputs', () => {
    const inputs = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
    const outputs = tf.layers.add().apply(inputs) as ReturnType<typeof tf.input>;
    const fitted = fitDataset(tf.model({ inputs, outputs }), datasetOf({}), squared, place);
    expect(fitted).toMatchObject({ ok: false, problem: { reason: 'modelSeveralInputs' } });
  });
});
