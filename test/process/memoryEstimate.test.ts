import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { estimateMemory } from '../../src/core/model/memoryEstimate';
import { configModel } from '../../src/editor/configs/configModel';
import { buildWorker } from './buildWorker';
import { begin, endTrainers, load, startTrainer } from './trainer';
import {
  addedLayers,
  attentionTopologies,
  randomTopologies,
  type SmallModel,
} from './randomTopologies';
import { tasks } from '../bench/tuner/tasks';
import { npy, writeWorkspace } from '../bench/tuner/workspace';

/** What the estimate may be off by. */
const within = 0.15;

let worker: string;
let folder: string;

beforeAll(async () => {
  worker = await buildWorker();
  folder = await mkdtemp(path.join(tmpdir(), 'batchwise-estimate-'));
});
afterAll(async () => {
  endTrainers();
  await rm(folder, { recursive: true, force: true });
});

interface Workspace {
  readonly root: string;
  readonly configFile: string;
  readonly config: object;
}

/** Estimated over metered peak of updates and an evaluation, on WASM, for each size. */
async function ratios(workspace: Workspace, sizes: readonly (number | 'largest')[]) {
  const trainer = await startTrainer(worker);
  try {
    const { dataset, optimizer } = await load(trainer, workspace, 'wasm');
    const { samples, validationSamples, features } = dataset;
    const model = configModel(workspace.config, workspace.configFile, features);
    if (!model?.memory) throw new Error('The layers tell nothing.');
    expect(model.unknown).toEqual([]);
    const found: Record<string, number> = {};
    for (const size of sizes) {
      const batchSize = size === 'largest' ? samples : size;
      const trial = String(size);
      await begin(trainer, { trial, batchSize });
      const of = { trial, iterations: 3, maxSeconds: 60 };
      const { peakBytes: trained } = await trainer.client.call('advance', of);
      const { peakBytes: evaluated } = await trainer.client.call('evaluate', { trial });
      await trainer.client.call('end', { trial });
      const setup = { batchSize, optimizer, samples, validationSamples };
      const { peak } = estimateMemory(model.memory, setup);
      found[trial] = Number((peak / Math.max(trained ?? 0, evaluated ?? 0)).toFixed(3));
    }
    return found;
  } finally {
    trainer.child.kill('SIGKILL');
    await trainer.ended;
  }
}

function expectWithin(found: Readonly<Record<string, number>>): void {
  for (const [size, ratio] of Object.entries(found)) {
    expect(Math.abs(ratio - 1), `estimated over metered at ${size}: ${ratio}`).toBeLessThan(within);
  }
}

describe('memory estimated from the layers is within 15% of what WASM really held', () => {
  it.each(['glyphs', 'sequence', 'tabular'])('on the example %s', async (name) => {
    const root = path.resolve('examples', name);
    const configFile = path.join(root, 'batchwise.json');
    const config = parse(await readFile(configFile, 'utf8')) as object;
    const found = await ratios({ root, configFile, config }, [64, 512, 'largest']);
    console.log(`${name}: ${JSON.stringify(found)}`);
    expectWithin(found);
  });

  it.each(tasks)('on the benchmark task $name', async (task) => {
    const [learningRate = 0.001] = task.learningRates;
    const { folder: root, configFile, config } = await writeWorkspace(task, learningRate, folder);
    const found = await ratios({ root, configFile, config }, [64, task.maxBatchSize ?? 'largest']);
    console.log(`${task.name}: ${JSON.stringify(found)}`);
    expectWithin(found);
  });

  it.each(randomTopologies(16))('on random layers, $name', async (model) => {
    const found = await ratios(await workspaceOf(model), [8, 64, 'largest']);
    console.log(`${model.name}: ${JSON.stringify(found)}`);
    expectWithin(found);
  });

  it.each(addedLayers())('on $name', async (model) => {
    const found = await ratios(await workspaceOf(model), [64, 'largest']);
    console.log(`${model.name}: ${JSON.stringify(found)}`);
    expectWithin(found);
  });

  it('on a model of two inputs and two outputs', async () => {
    const found = await ratios(await severalParts(), [8, 64, 'largest']);
    console.log(`two inputs and two outputs: ${JSON.stringify(found)}`);
    expectWithin(found);
  });

  it.each(attentionTopologies(8))('on random layers, $name', async (model) => {
    const found = await ratios(await workspaceOf(model), [8, 64, 'largest']);
    console.log(`${model.name}: ${JSON.stringify(found)}`);
    expectWithin(found);
  });
});

const samples = 500;

async function workspaceOf({ name, model, embeds, shape, classes, training }: SmallModel) {
  const root = await mkdtemp(path.join(folder, `${name.replace(/\W+/g, '-')}-`));
  const values = shape.reduce((all, length) => all * length, 1);
  const features = Float32Array.from({ length: samples * values }, (_, index) =>
    embeds ? index % 20 : Math.sin(index * 1.7),
  );
  const labels = Float32Array.from({ length: samples }, (_, index) =>
    classes === null ? Math.cos(index) : (index * 7) % classes,
  );
  await writeFile(path.join(root, 'x.npy'), npy(features, [samples, ...shape]));
  await writeFile(path.join(root, 'y.npy'), npy(labels, [samples]));
  if ('topology' in model) {
    await writeFile(path.join(root, 'model.json'), JSON.stringify(model.topology));
  }
  const config = {
    model: 'layers' in model ? model : { topology: 'model.json' },
    data: { train: 'x.npy', labels: 'y.npy', validation: 0.2, normalize: false },
    training: { learningRate: 0.001, ...training },
  };
  const configFile = path.join(root, 'batchwise.json');
  configSchema.parse(config);
  await writeFile(configFile, JSON.stringify(config));
  return { root, configFile, config };
}

/** An image and a table, from which a class and a number are learnt. */
async function severalParts(): Promise<Workspace> {
  const root = await mkdtemp(path.join(folder, 'several-'));
  const layer = (className: string, name: string, config: object, ...from: string[]) => ({
    class_name: className,
    name,
    config: { name, ...config },
    inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
  });
  const layers = [
    layer('InputLayer', 'image', { batch_input_shape: [null, 12, 12, 3] }),
    layer('InputLayer', 'table', { batch_input_shape: [null, 40] }),
    layer('Conv2D', 'conv', { filters: 6, kernel_size: 3, activation: 'relu' }, 'image'),
    layer('Flatten', 'flat', {}, 'conv'),
    layer('Dense', 'wide', { units: 200, activation: 'relu' }, 'table'),
    layer('Concatenate', 'join', { axis: -1 }, 'flat', 'wide'),
    layer('Dense', 'kind', { units: 5, activation: 'softmax' }, 'join'),
    layer('Dense', 'size', { units: 1 }, 'join'),
  ];
  const references = (...names: string[]) => names.map((name) => [name, 0, 0]);
  const sides = {
    input_layers: references('image', 'table'),
    output_layers: references('kind', 'size'),
  };
  const topology = { class_name: 'Functional', config: { name: 'm', layers, ...sides } };
  await writeFile(path.join(root, 'model.json'), JSON.stringify(topology));
  await writeFile(
    path.join(root, 'data.mjs'),
    `export const load = (tf) => ({
      features: { image: tf.ones([${samples}, 12, 12, 3]), table: tf.ones([${samples}, 40]) },
      labels: {
        kind: tf.tensor(Array.from({ length: ${samples} }, (_, index) => index % 5)),
        size: tf.ones([${samples}]),
      },
    });`,
  );
  const config = {
    model: { topology: 'model.json' },
    data: { train: 'data.mjs', validation: 0.2 },
    training: { losses: { kind: 'sparseCategoricalCrossentropy', size: 'meanSquaredError' } },
  };
  const configFile = path.join(root, 'batchwise.json');
  await writeFile(configFile, JSON.stringify(config));
  return { root, configFile, config };
}
