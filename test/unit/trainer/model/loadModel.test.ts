import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema';
import { loadModel } from '../../../../src/trainer/model/loadModel';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { configOf, datasetOf, useCpu, valueOf, weightsOf } from './fixtures';

beforeAll(useCpu);

const root = path.resolve('examples');

function example(name: string) {
  const configFile = path.join(root, name, 'batchwise.json');
  const config = configSchema.parse(parse(readFileSync(configFile, 'utf8')));
  return { config, configFile, root };
}

describe('the models of the examples', () => {
  const ten = Array.from({ length: 10 }, (_, digit) => String(digit));
  test.each([
    [
      'glyphs',
      { sampleShape: [28, 28], classes: ten },
      'cnn',
      'sparseCategoricalCrossentropy',
      5258,
    ],
    [
      'tabular',
      { sampleShape: [9], classes: ['a', 'b', 'c', 'd'] },
      'dense',
      'categoricalCrossentropy',
      2852,
    ],
    [
      'sequence',
      { sampleShape: [24, 3], labels: [0.1, 0.2, 0.3] },
      'rnn',
      'meanSquaredError',
      1297,
    ],
  ])('%s', async (name, data, modelType, loss, parameterCount) => {
    const loaded = valueOf(await loadModel(example(name), datasetOf(data)));
    expect(loaded).toMatchObject({ modelType, loss, optimizer: 'adam', parameterCount });
    const trainable = valueOf(await loaded.build(5, 0.01));
    const { model, optimizer } = trainable;
    const { train, sampleShape } = loaded.dataset;
    const features = tf.tensor(train.features, [train.count, ...sampleShape]);
    const outputs = model.apply(features, { training: true }) as typeof features;
    expect(
      trainable.losses(tf.tensor(train.labels), { tensors: [outputs], masks: [null] }).shape,
    ).toEqual([train.count]);
    expect(optimizer.getConfig()).toMatchObject({ learningRate: 0.01 });
  });
});

describe('a loaded model', () => {
  const config = configOf({
    model: {
      layers: [
        { className: 'Dense', config: { units: 4, activation: 'relu' } },
        { className: 'BatchNormalization', config: {} },
        { className: 'Dense', config: { units: 1 } },
      ],
    },
    training: { loss: 'meanSquaredError' },
  });
  const input = { config, configFile: path.join(root, 'batchwise.json'), root };
  const dataset = datasetOf({ labels: [0.5, 1.5] });

  test('says what it is made of', async () => {
    const loaded = valueOf(await loadModel(input, dataset));
    expect(loaded).toMatchObject({
      layers: ['Dense', 'BatchNormalization', 'Dense'],
      parameterCount: 6 * 4 + 4 + 4 * 4 + 4 + 1,
      hasBatchNormalization: true,
      learningRate: 0.001,
    });
    const other = valueOf(await loadModel(input, { ...dataset, contentHash: 'other' }));
    expect(other.contentHash).not.toBe(loaded.contentHash);
  });

  test('builds equal models for equal seeds, and gives every tensor back when disposed of', async () => {
    const loaded = valueOf(await loadModel(input, dataset));
    const before = tf.memory().numTensors;
    const [one, same, other] = [
      valueOf(await loaded.build(1, 0.1)),
      valueOf(await loaded.build(1, 0.1)),
      valueOf(await loaded.build(2, 0.1)),
    ];
    expect(weightsOf(same.model)).toEqual(weightsOf(one.model));
    expect(weightsOf(other.model)).not.toEqual(weightsOf(one.model));
    for (const { model, optimizer } of [one, same, other]) {
      model.dispose();
      optimizer.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves no tensors behind when the data do not fit', async () => {
    const before = tf.memory().numTensors;
    const result = await loadModel(input, datasetOf({ sampleShape: [6], classes: ['a', 'b'] }));
    expect(result).toMatchObject({ ok: false, problem: { reason: 'fitRegressionOnClasses' } });
    expect(tf.memory().numTensors).toBe(before);
  });
});
