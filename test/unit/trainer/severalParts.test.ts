import * as tf from '@tensorflow/tfjs-core';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema';
import { describe as sentence, ok } from '../../../src/core/text/problem';
import type { Device } from '../../../src/trainer/backends/backend';
import { loadConfig } from '../../../src/trainer/loadConfig';
import { Session } from '../../../src/trainer/session';
import { loadCpu } from './backends';
import { npy as npyFile, npz } from './data/writers';
import { workspace, type Files } from './data/workspace';

let device: Device;

beforeAll(async () => {
  device = await loadCpu();
});

const layer = (className: string, name: string, config: object, from: readonly string[]) => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
});

/** Words are looked up, a table is not; a class and a number are learnt. */
const topology = (training?: object) =>
  JSON.stringify({
    modelTopology: {
      model_config: {
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [
            layer('InputLayer', 'words', { batch_input_shape: [null, 2] }, []),
            layer('InputLayer', 'table', { batch_input_shape: [null, 2] }, []),
            layer('Embedding', 'look', { input_dim: 9, output_dim: 2 }, ['words']),
            layer('Flatten', 'flat', {}, ['look']),
            layer('Concatenate', 'join', { axis: -1 }, ['flat', 'table']),
            layer('Dense', 'kind', { units: 3, activation: 'softmax' }, ['join']),
            layer('Dense', 'weight', { units: 1 }, ['join']),
          ],
          input_layers: [
            ['words', 0, 0],
            ['table', 0, 0],
          ],
          output_layers: [
            ['kind', 0, 0],
            ['weight', 0, 0],
          ],
        },
      },
      ...(training && { training_config: training }),
    },
  });

const losses = { kind: 'sparseCategoricalCrossentropy', weight: 'meanSquaredError' };
const count = 20;
const of = <T>(value: (index: number) => T) => Array.from({ length: count }, (_, i) => value(i));
const npy = (values: readonly number[], shape: readonly number[]) =>
  npyFile('<f4', shape, Float32Array.from(values));
const arrays = {
  words: npy(of((i) => [i % 9, (i * 2) % 9]).flat(), [count, 2]),
  table: npy(of((i) => [i / 16, 1 - i / 8]).flat(), [count, 2]),
  kind: npy(
    of((i) => i % 3),
    [count],
  ),
  weight: npy(
    of((i) => Math.sin(i)),
    [count],
  ),
};

async function prepare(files: Files, config: object) {
  const folder = await workspace({ 'model.json': topology(), ...files });
  const backend = {
    name: 'cpu' as const,
    load: async () => {
      await tf.setBackend('cpu');
      return ok(device);
    },
  };
  const { handlers } = new Session([backend], loadConfig);
  const loaded = await handlers.load({
    config: configSchema.parse({
      model: { topology: 'model.json' },
      data: { train: 'd.npz' },
      training: { losses, optimizer: 'sgd' },
      ...config,
    }),
    configFile: path.join(folder, 'batchwise.json'),
    root: folder,
    backend: 'cpu',
    seed: 1,
    memoryMargin: null,
    workspace: null,
  });
  return { handlers, loaded };
}

async function losesIn(files: Files, config: object) {
  const { handlers, loaded } = await prepare(files, config);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem));
  const trial = 'a';
  await handlers.begin({
    ...{ trial, batchSize: 8, learningRate: 0.05, seed: 5, limitBytes: null },
    ...{ gradientAccumulation: 1, schedule: null },
  });
  const { status, trainLoss } = await handlers.advance({ trial, iterations: 3, maxSeconds: 60 });
  const evaluated = await handlers.evaluate({ trial });
  expect([status, evaluated.status]).toEqual(['ok', 'ok']);
  return { prepared: loaded.value, trainLoss, ...evaluated };
}

async function refusalOf(files: Files, config: object) {
  const { loaded } = await prepare(files, config);
  if (loaded.ok) throw new Error('It was loaded.');
  return sentence({ ...loaded.problem, place: null } as Parameters<typeof sentence>[0]);
}

const rows = of((i) => [i % 9, (i * 2) % 9, i / 16, 1 - i / 8, 'abc'[i % 3], Math.sin(i)]);
const csv = ['w1,w2,t1,t2,species,grams', ...rows.map((row) => row.join(','))].join('\n');
const columns = {
  train: 'd.csv',
  inputs: { words: ['w1', 'w2'], table: ['t1', 't2'] },
  outputs: { kind: 'species', weight: 'grams' },
};

describe('sample weights', () => {
  const single = JSON.stringify({
    class_name: 'Sequential',
    config: {
      layers: [
        {
          class_name: 'Dense',
          config: {
            ...{ name: 'dense', units: 3, activation: 'softmax', batch_input_shape: [null, 2] },
          },
        },
      ],
    },
  });
  const table = (weightOf: (row: number) => number | string) =>
    [
      'a,b,kind,w',
      ...of((i) => `${i / 16},${1 - i / 8},${'abc'[i % 3] ?? ''},${weightOf(i)}`),
    ].join('\n');
  const lossWith = async (weightOf: (row: number) => number | string, own = {}) => {
    const files = { 'model.json': single, 'd.csv': table(weightOf) };
    const data = {
      train: 'd.csv',
      label: 'kind',
      features: ['a', 'b'],
      sampleWeights: 'w',
      ...own,
    };
    return losesIn(files, {
      data,
      training: { loss: 'categoricalCrossentropy', optimizer: 'sgd' },
    });
  };

  it('weight the loss that is trained, and no other', async () => {
    const [plain, doubled] = [await lossWith(() => 1), await lossWith(() => 2)];
    expect(doubled.prepared.dataset.features).toEqual([2]);
    expect(doubled.prepared.dataset.classes).toBe(3);
    // Twice the loss, a little less once it was trained with twice the slope.
    expect(doubled.trainLoss).toBeGreaterThan(1.8 * (plain.trainLoss ?? NaN));
    expect(doubled.loss).toBeLessThan(1.1 * (plain.loss ?? NaN));
    // As without any.
    const none = await lossWith(() => 1, { sampleWeights: undefined });
    expect(plain.trainLoss).toBeCloseTo(none.trainLoss ?? NaN, 5);
    expect(plain.loss).toBeCloseTo(none.loss ?? NaN, 5);
  });

  it('that are none are refused with their row', async () => {
    const files = { 'model.json': single, 'd.csv': table((row) => (row === 3 ? -1 : 1)) };
    const data = { train: 'd.csv', label: 'kind', features: ['a', 'b'] };
    const training = { loss: 'categoricalCrossentropy' };
    const weighted = { ...data, sampleWeights: 'w' };
    expect(await refusalOf(files, { data: weighted, training })).toMatch(/"w".*row 4 is none/);
    const other = { ...data, sampleWeights: 'v' };
    expect(await refusalOf(files, { data: other, training })).toMatch(/no column "v"/);
  });

  it('that are all 0 are refused', async () => {
    const files = { 'model.json': single, 'd.csv': table(() => 0) };
    const data = { train: 'd.csv', label: 'kind', features: ['a', 'b'], sampleWeights: 'w' };
    const training = { loss: 'categoricalCrossentropy' };
    expect(await refusalOf(files, { data, training })).toMatch(/weights in "w" are all 0/);
  });
});

describe('a model of two inputs and two outputs', () => {
  it('trains on arrays, columns, lists and tensors alike', async () => {
    const fromArrays = await losesIn({ 'd.npz': npz(arrays) }, {});
    expect(fromArrays.prepared).toMatchObject({
      dataset: { samples: 16, validationSamples: 4, features: [4], classes: 3 },
      loss: 'sparseCategoricalCrossentropy + meanSquaredError',
    });
    expect(fromArrays.accuracy).not.toBeNull();
    const fromColumns = await losesIn({ 'd.csv': csv }, { data: columns });
    const lines = rows.map(([w1, w2, t1, t2, species, grams]) =>
      JSON.stringify({ words: [w1, w2], table: [t1, t2], kind: species, weight: grams }),
    );
    const fromLines = await losesIn(
      { 'd.jsonl': lines.join('\n') },
      { data: { train: 'd.jsonl' } },
    );
    for (const other of [fromColumns, fromLines]) {
      expect(other.trainLoss).toBeCloseTo(fromArrays.trainLoss ?? NaN, 5);
      expect(other.loss).toBeCloseTo(fromArrays.loss ?? NaN, 5);
    }
    const module = `export const load = (tf) => ({
      features: { table: tf.tensor(${JSON.stringify(rows.map((row) => row.slice(2, 4)))}),
                  words: tf.tensor(${JSON.stringify(rows.map((row) => row.slice(0, 2)))}) },
      labels: { kind: ${JSON.stringify(rows.map((row) => row[4]))},
                weight: tf.tensor(${JSON.stringify(rows.map((row) => row[5]))}) },
    });`;
    const fromModule = await losesIn({ 'd.mjs': module }, { data: { train: 'd.mjs' } });
    // A module's numbers are taken as they are.
    const raw = await losesIn(
      { 'd.npz': npz(arrays) },
      { data: { train: 'd.npz', normalize: false } },
    );
    expect(fromModule.trainLoss).toBeCloseTo(raw.trainLoss ?? NaN, 4);
  });

  it('says what feeds what', async () => {
    const { prepared } = await losesIn({ 'd.csv': csv }, { data: columns });
    const texts = prepared.reading?.notes.map((note) => note.text) ?? [];
    expect(texts).toContain('Input "words" [2] is fed by "w1", "w2".');
    expect(texts).toContain(
      'Output "weight" [] learns "grams" with the loss meanSquaredError, which counts 1 times.',
    );
  });

  it('looks words up as they are, and standardizes the rest', async () => {
    const { prepared } = await losesIn({ 'd.npz': npz(arrays) }, {});
    const wrong = { ...arrays, words: npy(of(() => [9, 0.5]).flat(), [count, 2]) };
    expect(await refusalOf({ 'd.npz': npz(wrong) }, {})).toMatch(/looks up indices from 0 to 8/);
    expect(prepared.parameterCount).toBe(9 * 2 + 6 * 3 + 3 + 6 + 1);
  });

  it('takes losses and weights as compiled, and leaves out an output without a loss', async () => {
    const compiled = {
      loss: { kind: 'sparse_categorical_crossentropy', weight: 'mse' },
      loss_weights: { kind: 0.5, weight: 2 },
    };
    const files = { 'd.npz': npz(arrays), 'model.json': topology(compiled) };
    const asCompiled = await losesIn(files, { training: {} });
    const lossWeights = { kind: 0.5, weight: 2 };
    const asWritten = await losesIn(files, { training: { losses, lossWeights } });
    expect(asCompiled.loss).toBeCloseTo(asWritten.loss ?? NaN, 6);
    const { weight, ...only } = arrays;
    const one = await losesIn(
      { 'd.npz': npz(only) },
      { training: { losses: { kind: losses.kind } } },
    );
    expect(weight.length).toBeGreaterThan(0);
    expect(one.prepared.reading?.notes.map((note) => note.id)).toContain(
      'modelNoteOutputsUntrained',
    );
  });

  it('is judged by the output that the config names', async () => {
    const files = { 'd.npz': npz(arrays) };
    const sum = await losesIn(files, {});
    const parts = [];
    for (const targetOutput of ['kind', 'weight'])
      parts.push(await losesIn(files, { tuning: { targetOutput } }));
    const [kind, weight] = parts;
    expect((kind?.loss ?? NaN) + (weight?.loss ?? NaN)).toBeCloseTo(sum.loss ?? NaN, 5);
    expect(weight?.accuracy).toBeNull();
  });

  it.each([
    ['an array that is missing', 'd.npz', {}, /has the input "table", but d\.npz has no array/],
    ['one array', 'd.npy', {}, /holds one array, but the model has the inputs "words", "table"/],
    [
      'an input that the model lacks',
      'd.npz',
      { data: { train: 'd.npz', inputs: { wrods: 'words' } } },
      /no input "wrods". It has "words", "table"/,
    ],
    [
      'a loss for an output that the model lacks',
      'd.npz',
      { data: { train: 'full.npz' }, training: { losses: { ...losses, size: 'huber' } } },
      /"size" is no output of the model that is trained. It has "kind", "weight"/,
    ],
    [
      'no loss',
      'd.npz',
      { data: { train: 'full.npz' }, training: {} },
      /"losses": { "kind": "…", "weight": "…" }/,
    ],
    [
      'a target that the model lacks',
      'd.npz',
      { data: { train: 'full.npz' }, tuning: { targetOutput: 'size' } },
      /"size" is no output/,
    ],
    [
      'weights of classes',
      'd.npz',
      { data: { train: 'full.npz' }, training: { losses, classWeights: { 0: 2 } } },
      /weight whole outputs with "lossWeights"/,
    ],
  ])('refuses %s', async (_, train, config, expected) => {
    const { table, ...rest } = arrays;
    const files = {
      'd.npz': npz(rest),
      'full.npz': npz(arrays),
      'd.npy': table,
    };
    expect(await refusalOf(files, { data: { train }, ...config })).toMatch(expected);
  });

  it('leaves rows without one of the labels out', async () => {
    const holes = [...csv.split('\n'), '1,2,3,4,,0.5', '1,2,3,4,a,'].join('\n');
    const { prepared } = await losesIn({ 'd.csv': holes }, { data: columns });
    expect(prepared.dataset.samples + prepared.dataset.validationSamples).toBe(count);
  });
});

describe('metrics of a compiled model', () => {
  it('are evaluated for each output, and those that are not known are named', async () => {
    const compiled = {
      loss: losses,
      metrics: { kind: ['accuracy', 'top_k_categorical_accuracy'], weight: ['mae', 'R2Score'] },
    };
    const files = { 'd.npz': npz(arrays), 'model.json': topology(compiled) };
    const { metrics, accuracy, prepared } = await losesIn(files, { training: {} });
    expect(metrics).toMatchObject({
      'kind accuracy': accuracy,
      'kind top_k_categorical_accuracy': 1,
    });
    expect(metrics?.['weight mae']).toBeGreaterThan(0);
    const texts = prepared.reading?.notes.map((note) => note.text) ?? [];
    expect(texts.join('\n')).toContain('compiled with them: "r2_score"');
  });
});
