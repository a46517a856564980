import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTopology } from '../../../../src/core/model/topology/readTopology';
import {
  compiledWith,
  lossOf,
  optimizerSettings,
} from '../../../../src/trainer/model/trainingSettings';
import { ok } from '../../../../src/core/text/problem';
import { tf } from '../../../../src/trainer/tfjs/tf';
import { configOf, fixtures, useCpu, valueOf } from './fixtures';

beforeAll(useCpu);

const place = { file: '/w/batchwise.json' };
const model = { topology: 'model.json' };
function settingsOf(written: object, compiled: Parameters<typeof lossOf>[1]) {
  const { training } = configOf({ model, training: written });
  const loss = lossOf(training, compiled, place);
  if (!loss.ok) return loss;
  const update = optimizerSettings(training, compiled, place);
  return update.ok ? ok({ loss: loss.value, ...update.value }) : update;
}

function compiledIn(name: string) {
  const text = readFileSync(path.join(fixtures, name), 'utf8');
  return valueOf(readTopology(text, name, place)).compiled;
}

describe('settings', () => {
  test('come from the config, with Adam at 0.001 where it says nothing', () => {
    expect(valueOf(settingsOf({ loss: 'meanSquaredError' }, null))).toEqual({
      loss: { name: 'meanSquaredError' },
      optimizer: { name: 'adam' },
      learningRate: 0.001,
    });
    const training = {
      loss: 'binaryCrossentropy',
      optimizer: { name: 'sgd', momentum: 0.5 },
      learningRate: 0.1,
    };
    expect(valueOf(settingsOf(training, null))).toEqual({
      ...training,
      loss: { name: training.loss },
    });
  });

  // Only Keras 3 writes its compile settings into model.to_json().
  test.each([
    [
      'keras3-mlp.json',
      'categoricalCrossentropy',
      { name: 'sgd', momentum: 0.9, nesterov: true },
      0.05,
    ],
    [
      'keras3-cnn.json',
      'binaryCrossentropy',
      { name: 'rmsprop', decay: 0.8, epsilon: 1e-7 },
      0.002,
    ],
    [
      'keras3-lstm.json',
      'meanSquaredError',
      { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      0.001,
    ],
    [
      'keras3-embedding.json',
      'sparseCategoricalCrossentropy',
      { name: 'adagrad', epsilon: 1e-7 },
      0.03,
    ],
  ])('of %s come from its compile settings', (name, loss, optimizer, learningRate) => {
    expect(valueOf(settingsOf({}, compiledIn(name)))).toEqual({
      loss: { name: loss },
      optimizer,
      learningRate,
    });
  });

  test('of the config take the place of compiled ones, one by one', () => {
    const compiled = compiledIn('keras3-mlp.json');
    expect(valueOf(settingsOf({ learningRate: 0.5 }, compiled))).toMatchObject({
      optimizer: { name: 'sgd', momentum: 0.9 },
      learningRate: 0.5,
    });
    // A learning rate belongs to its optimizer.
    expect(valueOf(settingsOf({ optimizer: 'adam' }, compiled))).toMatchObject({
      loss: { name: 'categoricalCrossentropy' },
      optimizer: { name: 'adam' },
      learningRate: 0.001,
    });
    expect(valueOf(settingsOf({ optimizer: 'sgd' }, compiled)).learningRate).toBe(0.05);
  });

  test.each([
    ['sgd', tf.train.sgd(0.2), { name: 'sgd' }],
    [
      'momentum',
      tf.train.momentum(0.2, 0.7, true),
      { name: 'momentum', momentum: 0.7, nesterov: true },
    ],
    ['rmsprop', tf.train.rmsprop(0.2, 0.8), { name: 'rmsprop', decay: 0.8 }],
    ['adamax', tf.train.adamax(0.2), { name: 'adamax', beta1: 0.9 }],
  ])('of a model that a module compiled with %s', (_, optimizer, expected) => {
    const made = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    expect(compiledWith(made)).toBeNull();
    made.compile({ loss: 'meanSquaredError', optimizer });
    expect(valueOf(settingsOf({}, compiledWith(made)))).toMatchObject({
      loss: { name: 'meanSquaredError' },
      optimizer: expected,
      learningRate: 0.2,
    });
    made.compile({ loss: tf.losses.meanSquaredError, optimizer });
    expect(valueOf(settingsOf({}, compiledWith(made))).loss.name).toBe('meanSquaredError');
  });

  test('of a learning-rate schedule count with its start', () => {
    const schedule = { class_name: 'ExponentialDecay', config: { initial_learning_rate: 0.04 } };
    const optimizer = { class_name: 'Adam', config: { learning_rate: schedule } };
    expect(valueOf(settingsOf({}, { loss: 'mse', optimizer })).learningRate).toBe(0.04);
  });

  test.each([
    ['lossUnknown', null, 'training'],
    ['lossUnknown', { loss: null, optimizer: 'adam' }, 'training'],
    ['lossUnsupported', { loss: 'ctc', optimizer: 'adam' }, 'training'],
    [
      'optimizerUnsupported',
      { loss: 'mae', optimizer: { class_name: 'Muon', config: {} } },
      'training',
    ],
  ])('%s for %j', (reason, compiled, pointer) => {
    expect(settingsOf({}, compiled)).toMatchObject({
      ok: false,
      problem: { reason, place: { ...place, pointer: [pointer] } },
    });
  });

  test.each([
    ['kl_divergence', { name: 'kullbackLeiblerDivergence' }],
    ['log_cosh', { name: 'logCosh' }],
    [
      { class_name: 'Huber', config: { delta: 0.5 } },
      { name: 'huber', delta: 0.5 },
    ],
    [
      { class_name: 'SparseCategoricalCrossentropy', config: { from_logits: true } },
      { name: 'sparseCategoricalCrossentropy', fromLogits: true },
    ],
    [
      { class_name: 'CategoricalCrossentropy', config: { label_smoothing: 0.1 } },
      { name: 'categoricalCrossentropy', labelSmoothing: 0.1 },
    ],
    [
      { class_name: 'BinaryFocalCrossentropy', config: { gamma: 3, alpha: 0.25 } },
      { name: 'binaryFocalCrossentropy', gamma: 3 },
    ],
  ])('read the compiled loss %j', (loss, expected) => {
    expect(valueOf(settingsOf({}, { loss, optimizer: 'adam' })).loss).toEqual(expected);
  });

  test.each(['Custom>Adam', 'Adam', 'keras>Adam'])('take %s for Adam', (name) => {
    const compiled = { loss: 'mse', optimizer: { class_name: name, config: {} } };
    expect(valueOf(settingsOf({}, compiled)).optimizer).toEqual({ name: 'adam' });
  });
});
