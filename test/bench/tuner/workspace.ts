import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configSchema, type Config } from '../../../src/config/schema';
import { generate } from './generators';
import { baseBatchSize, smallestBatchSize, type TaskDefinition } from './tasks';

/** A task as a person would have it on disk. */
export interface Workspace {
  readonly folder: string;
  readonly configFile: string;
  readonly config: Config;
}

/** Seeds the sweep that is measured; the truth comes from others. */
export const sweepSeed = 42;

/** Writes a task's data and its `batchwise.json` into a folder of its own. */
export async function writeWorkspace(
  task: TaskDefinition,
  learningRate: number,
  parent: string,
  tuning: Partial<Config['tuning']> = {},
): Promise<Workspace> {
  const folder = path.join(parent, task.name);
  await mkdir(folder, { recursive: true });
  const { count, shape, features, labels } = generate(task.generator, task.count, task.dataSeed);
  await writeFile(path.join(folder, 'features.npy'), npy(features, [count, ...shape]));
  await writeFile(path.join(folder, 'labels.npy'), npy(labels, [count]));
  if (task.isGraph) {
    await writeFile(path.join(folder, modelFile), JSON.stringify(graphOf(task)));
  }
  const document = configOf(task, learningRate, tuning);
  const configFile = path.join(folder, 'batchwise.json');
  await writeFile(configFile, JSON.stringify(document, null, 2));
  return { folder, configFile, config: configSchema.parse(document) };
}

const modelFile = 'model.json';

/** A model of one input and one output, as Keras writes it: its first and its last layer. */
function graphOf({ name, layers }: TaskDefinition) {
  const nameOf = (layer: object | undefined) => (layer as { name?: string } | undefined)?.name;
  const ends = [layers[0], layers.at(-1)].map((layer) => [[nameOf(layer), 0, 0]]);
  const [input_layers, output_layers] = ends;
  return { class_name: 'Functional', config: { name, layers, input_layers, output_layers } };
}

function configOf(task: TaskDefinition, learningRate: number, tuning: Partial<Config['tuning']>) {
  const { isGraph, layers, loss, optimizer, epochs, normalize, maxBatchSize, memoryLimit } = task;
  return {
    model: isGraph ? { topology: modelFile } : { layers },
    data: { train: 'features.npy', labels: 'labels.npy', normalize, validation: 0.2 },
    training: { loss, optimizer, learningRate, batchSize: baseBatchSize, epochs, seed: sweepSeed },
    tuning: {
      batchSizes: {
        min: smallestBatchSize,
        ...(maxBatchSize !== null && { max: maxBatchSize }),
      },
      ...(memoryLimit !== null && { memoryLimit }),
      learningRateScaling: task.learningRateScaling,
      ...tuning,
    },
    backend: 'wasm',
  };
}

/** Changes with everything a task's update counts depend on, but the trainer. */
export function taskHash(task: TaskDefinition): string {
  const { count, shape, features, labels } = generate(task.generator, task.count, task.dataSeed);
  const defined: TaskDefinition = { ...task };
  // What a task is used for changes nothing of it.
  Reflect.deleteProperty(defined, 'isCheck');
  const { learningRates, ...config } = { ...configOf(task, 1, {}), ...defined };
  return createHash('sha256')
    .update(JSON.stringify({ ...config, about: null, count, shape, learningRates }))
    .update(features)
    .update(labels)
    .digest('hex')
    .slice(0, 16);
}

/** An array as a NumPy file of 32-bit floats. */
export function npy(values: Float32Array, shape: readonly number[]): Buffer {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  // The header ends with a newline, padded so that the values start at a multiple of 64 bytes.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(length, 8);
  header.write(description, 10, 'latin1');
  header.write('\n', 10 + length - 1, 'latin1');
  return Buffer.concat([header, new Uint8Array(values.buffer)]);
}
