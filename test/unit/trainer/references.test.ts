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
import { createObjective } from '../../../src/trainer/model/objective';
import { createOptimizer } from '../../../src/trainer/model/optimizer';
import { trainingSettings } from '../../../src/trainer/model/trainingSettings';
import { tf as whole } from '../../../src/trainer/tfjs/tf';
import { gradientsOf, predict } from '../../../src/trainer/training/gradients';
import { loadCpu, loadWasm } from './backends';
import { valueOf } from './model/fixtures';

/* What Keras computes (test/fixtures/references/make.py), held against the trainer. */

type Nested = number[] | Nested[];

interface Case {
  readonly name: string;
  readonly topology: unknown;
  readonly weights: Record<string, { shape: number[]; values: number[] }[]>;
  readonly input: Nested;
  readonly labels: Nested;
  readonly output: Nested;
  readonly losses: number[];
  /** What a file of Keras does not tell. */
  readonly settings?: { readonly loss: LossSettings };
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
  addActivityPenalties(model, penalties);
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

describe.each(['cpu', 'wasm'])('as Keras computes it, on %s:', (backend) => {
  it.each(cases)('%s', async (_, given) => {
    await tf.setBackend(backend);
    const model = await modelOf(given);
    const {
      loss,
      optimizer: settings,
      learningRate,
    } = valueOf(
      trainingSettings(
        { batchSize: 4, gradientAccumulation: 1, epochs: 1, seed: 1, ...given.settings },
        topologyOf(given).compiled,
        {
          file: '/batchwise.json',
        },
      ),
    );
    const optimizer = createOptimizer(settings, learningRate);
    const trainable = { model, optimizer, ...createObjective(loss) };
    const features = tf.tensor(given.input);
    const labels = tf.tensor(given.labels);
    const output = predict(trainable, features, false);
    expectAlike(output.dataSync<'float32'>(), (given.output as number[]).flat(9));
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(trainable, { features, labels });
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
