import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topologyCost } from '../../../src/core/model/topology/topologyCost';
import { forTfjs, readTopology } from '../../../src/core/model/topology/readTopology';
import { checkLayers } from '../../../src/trainer/model/checkLayers';
import {
  addActivityPenalties,
  takeActivityPenalties,
} from '../../../src/trainer/model/activityPenalties';
import type { LossSettings } from '../../../src/config/trainingSchema';
import { outputObjective, withClassWeights } from '../../../src/trainer/model/objective';
import { inputsOf, sumOfObjectives } from '../../../src/trainer/model/objectives';
import { outputLosses } from '../../../src/trainer/model/outputLosses';
import { createOptimizer } from '../../../src/trainer/model/optimizer';
import { optimizerSettings } from '../../../src/trainer/model/trainingSettings';
import { sideNames } from '../../../src/trainer/model/modelShapes';
import { keepMasksApart } from '../../../src/trainer/tfjs/inputMasks';
import { recordMasks } from '../../../src/trainer/tfjs/outputMasks';
import { tf as whole } from '../../../src/trainer/tfjs/tf';
import { forward, gradientsOf } from '../../../src/trainer/training/gradients';
import { loadCpu, loadWasm } from './backends';
import { valueOf } from './model/fixtures';

/* What Keras computes (test/fixtures/references/make.py), held against the trainer. */

type Nested = number[] | Nested[];

interface Case {
  readonly name: string;
  readonly topology: unknown;
  readonly weights: Record<string, { shape: number[]; values: number[] }[]>;
  /** One each, or an object of them by the names of inputs and outputs. */
  readonly input: Nested | Record<string, Nested>;
  readonly labels: Nested | Record<string, Nested>;
  readonly output: Nested | Record<string, Nested>;
  readonly losses: number[];
  /** What a file of Keras does not tell. */
  readonly settings?: { readonly loss: LossSettings };
  readonly sampleWeights?: number[];
  /** By the classes' order. */
  readonly classWeights?: number[];
}

const folder = path.resolve('test/fixtures/references');
const file = JSON.parse(readFileSync(path.join(folder, 'cases.json'), 'utf8')) as { cases: Case[] };
const cases = file.cases.map((each): [string, Case] => [each.name, each]);

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
});

function topologyOf({ topology }: Case) {
  return valueOf(readTopology(JSON.stringify(topology), 'model.json', { file: '/model.json' }));
}

async function modelOf(given: Case): Promise<LayersModel> {
  const normalized = forTfjs(topologyOf(given));
  valueOf(checkLayers(normalized, { file: '/model.json' }));
  const { topology, penalties } = takeActivityPenalties(normalized);
  const model = await whole.models.modelFromJSON(topology as never);
  keepMasksApart(model);
  addActivityPenalties(model, penalties);
  if (!model.built) model.build(model.inputs[0]?.shape ?? []);
  for (const layer of model.layers) {
    const values = given.weights[layer.name];
    if (values) layer.setWeights(values.map((each) => tf.tensor(each.values, each.shape)));
  }
  return model;
}

/** Equal to 1e-4 of the largest. */
function expectAlike(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
  const worst = expected.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - (actual[at] ?? NaN)) / scale),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
}

/** Arrays by name, or the only one. */
function arraysOf(given: Case['input'], names: readonly string[]): tf.Tensor[] {
  return Array.isArray(given)
    ? [tf.tensor(given)]
    : names.map((name) => tf.tensor(given[name] ?? []));
}

/** Arrays as packed rows, with where each begins, and their weights; a single one as it is. */
function packed(arrays: readonly tf.Tensor[], weights: readonly number[] | null = null) {
  const [only] = arrays;
  if (only && arrays.length === 1 && !weights) return { rows: only, parts: [null], weights: null };
  let offset = 0;
  const parts = arrays.map(({ shape: [, ...shape] }) => {
    const part = { offset, shape };
    offset += shape.reduce((all, length) => all * length, 1);
    return part;
  });
  const flat = arrays.map((array) => tf.reshape(array, [array.shape[0], -1]));
  if (!weights) return { rows: tf.concat(flat, 1), parts, weights: null };
  const last = tf.tensor([...weights], [weights.length, 1]);
  return { rows: tf.concat([...flat, last], 1), parts, weights: { offset, shape: [] } };
}

describe.each(['cpu', 'wasm'])('as Keras computes it, on %s:', (backend) => {
  it.each(cases)('%s', async (_, given) => {
    await tf.setBackend(backend);
    const model = await modelOf(given);
    const names = sideNames(model);
    const training = {
      batchSize: 4,
      gradientAccumulation: 1,
      epochs: 1,
      seed: 1,
      ...given.settings,
    };
    const { compiled } = topologyOf(given);
    const place = { file: '/batchwise.json' };
    const { optimizer: settings, learningRate } = valueOf(
      optimizerSettings(training, compiled, place),
    );
    const outputs = valueOf(outputLosses(names.outputs, training, compiled, place));
    const optimizer = createOptimizer(settings, learningRate);
    const features = packed(arraysOf(given.input, names.inputs));
    const labels = packed(arraysOf(given.labels, names.outputs), given.sampleWeights);
    const objectiveFor = (loss: LossSettings) =>
      given.classWeights
        ? withClassWeights(outputObjective(loss), given.classWeights)
        : outputObjective(loss);
    const [first] = features.parts;
    const trainable = {
      model,
      optimizer,
      takeMasks: recordMasks(model),
      ...(first ? { inputs: inputsOf(features.parts.filter((part) => part !== null)) } : {}),
      ...sumOfObjectives(
        outputs.map(({ name, loss, weight }, index) => ({
          ...{ name, weight, index, objective: objectiveFor(loss) },
          labels: labels.parts[index] ?? null,
        })),
        null,
        labels.weights,
      ),
    };
    const { tensors } = forward(trainable, features.rows, false);
    const expected = Array.isArray(given.output)
      ? [given.output]
      : names.outputs.map((name) => (given.output as Record<string, Nested>)[name] ?? []);
    expected.forEach((output, index) => {
      expectAlike(tensors[index]?.dataSync<'float32'>() ?? [], (output as number[]).flat(9));
    });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(trainable, { features: features.rows, labels: labels.rows });
      losses.push(gradients.loss.dataSync()[0] ?? NaN);
      optimizer.applyGradients(gradients.byVariable);
    }
    expectAlike(losses, given.losses);
  });
});

describe('what a model costs, of', () => {
  it.each(cases)('%s', async (_, given) => {
    await tf.setBackend('cpu');
    const model = await modelOf(given);
    const cost = topologyCost(forTfjs(topologyOf(given)));
    expect(cost.unknown).toEqual([]);
    expect(cost.parameters).toBe(model.countParams());
    expect(cost.trainable).toBe(
      model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0),
    );
    expect(cost.output).toEqual(model.outputs[0]?.shape.slice(1));
  });
});
