import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model,
  sequential,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { configSchema } from '../../../src/config/schema';
import { ok } from '../../../src/core/text/problem';
import type { Backend, Device } from '../../../src/trainer/backends/backend';
import { loadConfig } from '../../../src/trainer/loadConfig';
import { Session } from '../../../src/trainer/session';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import { loadCpu, loadWasm } from './backends';

/*
 * Models trained for a few updates through the trainer's own session, on WASM and on the CPU
 * backend, as a table of tasks.
 */

type Layer = LayersModel['layers'][number];
type Shape = readonly number[];

const devices: Partial<Record<'wasm' | 'cpu', Device>> = {};
let root: string;

beforeAll(async () => {
  devices.cpu = await loadCpu();
  devices.wasm = await loadWasm();
  root = await mkdtemp(path.join(tmpdir(), 'batchwise-models-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const samples = 40;

/** A module of the workspace that gives numbers of a seed in this shape, in three classes. */
function dataModule(shape: Shape, indices: number | null, labels: string): string {
  const size = shape.reduce((product, length) => product * length, 1);
  const random = seededRandom(11);
  const value = () => (indices === null ? random() * 2 - 1 : Math.floor(random() * indices));
  const values = Array.from({ length: samples * size }, () => Number(value().toFixed(4)));
  return `export function load(tf) {
    return {
      features: tf.tensor(${JSON.stringify(values)}, ${JSON.stringify([samples, ...shape])}),
      labels: tf.tensor(${labels}),
    };
  }`;
}

const classes = JSON.stringify(Array.from({ length: samples }, (_, index) => index % 3));
export const two = JSON.stringify(Array.from({ length: samples }, (_, index) => index % 2));
export const numbers = JSON.stringify(
  Array.from({ length: samples }, (_, i) => Math.sin(i) + 0.01),
);

export interface Task {
  readonly model: () => LayersModel;
  readonly shape: Shape;
  /** Values are indices below this. */
  readonly indices?: number;
  readonly labels?: string;
  readonly training?: object;
}

let tasks = 0;

/** Losses of a few updates of one task, and of the validation after them. */
async function curve(task: Task, name: 'wasm' | 'cpu'): Promise<number[]> {
  const folder = path.join(root, String(tasks++));
  const device = devices[name];
  if (!device) throw new Error(`${name} is not loaded.`);
  await mkdir(folder);
  void tf.setBackend('cpu');
  const built = task.model();
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(built.toJSON(null, false)));
  built.dispose();
  const data = dataModule(task.shape, task.indices ?? null, task.labels ?? classes);
  await writeFile(path.join(folder, 'data.mjs'), data);
  const config = {
    model: { topology: 'model.json' },
    data: { train: 'data.mjs', validation: 0.2 },
    training: {
      loss: 'sparseCategoricalCrossentropy',
      optimizer: 'sgd',
      learningRate: 0.05,
      ...task.training,
    },
  };
  const backend: Backend = {
    name,
    load: async () => {
      await tf.setBackend(name);
      return ok(device);
    },
  };
  const { load, begin, advance, evaluate, end } = new Session([backend], loadConfig).handlers;
  const configFile = path.join(folder, 'batchwise.json');
  const loaded = await load({
    config: configSchema.parse(config),
    configFile,
    root: folder,
    backend: name,
    seed: 1,
    memoryMargin: null,
    workspace: null,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem));
  const trial = 'a';
  const begun = await begin({
    ...{ trial, batchSize: 8, learningRate: 0.05, seed: 5, limitBytes: null },
    ...{ gradientAccumulation: 1, schedule: null },
  });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problem));
  const found: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { status, trainLoss } = await advance({ trial, iterations: 2, maxSeconds: 60 });
    expect(status).toBe('ok');
    found.push(trainLoss ?? NaN);
  }
  found.push((await evaluate({ trial })).loss ?? NaN);
  await end({ trial });
  return found;
}

export async function expectEqualCurves(task: Task): Promise<void> {
  const cpu = await curve(task, 'cpu');
  const wasm = await curve(task, 'wasm');
  cpu.forEach((loss, index) => {
    expect(loss).toBeGreaterThan(0);
    expect(Math.abs((wasm[index] ?? NaN) - loss)).toBeLessThan(1e-3 * Math.max(1, loss));
  });
  expect(new Set(cpu).size).toBe(cpu.length);
}

export const image = [6, 6, 2];
export const series = [5, 3];
export const flat = [6];

/** A sequential model with a classifier after these layers. */
export const classify =
  (...stack: (() => Layer)[]) =>
  () => {
    const made = sequential();
    for (const layer of stack) made.add(layer());
    if ((made.outputs[0]?.shape.length ?? 0) > 2) made.add(layers.flatten());
    made.add(layers.dense({ units: 3, activation: 'softmax' }));
    return made;
  };

/** A model with branches: what a function makes of the input, classified. */
export const functional =
  (shape: Shape, body: (x: SymbolicTensor) => SymbolicTensor, dtype?: 'int32') => () => {
    const inputs = input({ shape: [...shape], ...(dtype && { dtype }) });
    let x = body(inputs);
    if (x.shape.length > 2) x = layers.flatten().apply(x) as SymbolicTensor;
    const classifier = layers.dense({ units: 3, activation: 'softmax' });
    return model({ inputs, outputs: classifier.apply(x) as SymbolicTensor });
  };

export const apply = (layer: Layer, x: SymbolicTensor | SymbolicTensor[]) =>
  layer.apply(x) as SymbolicTensor;
export const dense = (units: number, x: SymbolicTensor) => apply(layers.dense({ units }), x);

/** Two dense branches of one input, merged. */
export const merged = (merge: () => Layer) =>
  functional(flat, (x) =>
    apply(merge(), [dense(4, x), apply(layers.dense({ units: 4, activation: 'tanh' }), x)]),
  );
