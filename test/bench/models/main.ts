import { zipSync } from 'fflate';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cpuBackend } from '../../../src/trainer/backends/cpu';
import { configSchema } from '../../../src/config/schema';
import { parseDuration } from '../../../src/config/units';
import { stepMsOf } from '../../../src/core/sweep/readings';
import type { SweepResult } from '../../../src/core/sweep/result';
import { product } from '../../../src/trainer/data/rawData';
import { readModelRecipe } from '../../../src/trainer/model/modelRecipe';
import { npy } from '../../unit/trainer/data/writers';
import { madeUpData, type InputSide, type OutputSide } from './madeUpData';
import { sidesOf } from './modelSides';
import { tuneByProcessorTime } from './processorTime';

/** Made before any result was seen, and the same for every model. */
const dataSeed = 20_261_201;
const count = { most: 2000, least: 256, bytes: 60e6 };
const modelFiles = ['model.json', 'model.keras', 'model.h5'];
const dataFile = 'data.npz';

/** How the tuning of one model ended. */
interface Row {
  readonly name: string;
  readonly batchSize: number | null;
  /** Of an update at size 32, by the fit of what was timed. */
  readonly stepMs: number | null;
  readonly seconds: number;
  /** Why none is recommended. */
  readonly why: string | null;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    budget: { type: 'string', default: '40s' },
    only: { type: 'string' },
    weights: { type: 'string', default: 'saved' },
    'processor-time': { type: 'boolean', default: false },
    'data-only': { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const [models] = positionals;
  if (models === undefined || options.data === undefined) {
    process.stderr.write(
      'models.bench.mjs FOLDER_OF_MODELS --data FOLDER [--only a,b] [--out FILE]\n',
    );
    process.exitCode = 2;
    return;
  }
  const backend = await cpuBackend.load();
  if (!backend.ok) throw new Error(JSON.stringify(backend.problem));
  const chosen = options.only?.split(',');
  for (const name of (await readdir(models)).toSorted()) {
    if (chosen && !chosen.includes(name)) continue;
    const folder = path.join(options.data, name);
    try {
      await prepare(path.join(models, name), folder);
    } catch (error) {
      console.log(name, 'is not read:', String(error).slice(0, 300));
      continue;
    }
    if (options['data-only']) continue;
    const row = await tune(name, folder, options.budget);
    if (options.out !== undefined) await appendFile(options.out, `${JSON.stringify(row)}\n`);
    console.log(name, row.batchSize ?? row.why, `${Math.round(row.stepMs ?? NaN)} ms at 32`);
  }
}

/** Copies a model into a folder of its own, with data and a config. */
async function prepare(from: string, folder: string): Promise<void> {
  const configFile = path.join(folder, 'batchwise.json');
  if (existsSync(configFile)) return;
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(from)) {
    if (!/npz$|batchwise/.test(file)) await cp(path.join(from, file), path.join(folder, file));
  }
  const topology = modelFiles.find((file) => existsSync(path.join(folder, file)));
  if (topology === undefined) throw new Error('no model file');
  const { model } = configSchema.parse({ model: { topology }, data: { train: dataFile } });
  const context = { configFile, root: folder, sampleShape: [32] };
  const recipe = await readModelRecipe(model, context);
  if (!recipe.ok) throw new Error(JSON.stringify(recipe.problem));
  const draft = await recipe.value.draft();
  if (!draft.ok) throw new Error(JSON.stringify(draft.problem));
  const { inputs, outputs, loss } = sidesOf(draft.value, recipe.value.compiled()?.loss);
  draft.value.dispose();
  const isNamed = inputs.length + outputs.length > 2;
  const bytes = bytesOf(inputs, outputs);
  const samples = Math.max(count.least, Math.min(count.most, Math.floor(count.bytes / bytes)));
  const made = madeUpData(inputs, outputs, samples, dataSeed);
  const keyOf = (name: string) => {
    if (isNamed) return name;
    return inputs.some((side) => side.name === name) ? 'x' : 'y';
  };
  const files: Record<string, Uint8Array> = {};
  for (const [name, { shape, values }] of made) {
    files[`${keyOf(name)}.npy`] = npy(values instanceof Uint8Array ? '|u1' : '<f4', shape, values);
  }
  await writeFile(path.join(folder, dataFile), zipSync(files, { level: 0 }));
  const config = {
    model: { topology },
    data: { train: dataFile, ...(!isNamed && { label: 'y' }) },
    training: { ...(loss !== null && { loss }) },
  };
  await writeFile(configFile, JSON.stringify(config, null, 2));
  const shapes = (sides: readonly (InputSide | OutputSide)[]) =>
    sides.map((side) => `${side.shape.join('x')}${'task' in side ? ` ${side.task.kind}` : ''}`);
  console.log(path.basename(folder), samples, ...shapes(inputs), '->', ...shapes(outputs), loss);
}

function bytesOf(inputs: readonly InputSide[], outputs: readonly OutputSide[]): number {
  return (
    inputs.reduce((sum, { shape, isImage }) => sum + product(shape) * (isImage ? 1 : 4), 0) +
    outputs.reduce((sum, { shape }) => sum + 4 * (shape.length > 1 ? product(shape) : 1), 0)
  );
}

/** The config, or a copy of it that starts from new weights. */
async function configWith(folder: string, weights: string): Promise<string> {
  const file = path.join(folder, 'batchwise.json');
  if (weights !== 'random') return file;
  const config = JSON.parse(await readFile(file, 'utf8')) as { model: object };
  const copy = path.join(folder, 'random.batchwise.json');
  await writeFile(copy, JSON.stringify({ ...config, model: { ...config.model, weights } }));
  return copy;
}

async function tune(name: string, folder: string, budget: string): Promise<Row> {
  const began = performance.now();
  const configFile = await configWith(folder, options.weights);
  const { result, failure } = options['processor-time']
    ? await byProcessorTime(configFile, budget)
    : await inTerminal(configFile, budget);
  const seconds = (performance.now() - began) / 1000;
  if (!result) return { name, batchSize: null, stepMs: null, seconds, why: failure };
  await writeFile(path.join(folder, `result-${options.weights}.json`), JSON.stringify(result));
  const { recommendation, notes, trials, probe } = result;
  const timed = trials.find(({ batchSize, stepMs }) => batchSize === 32 && stepMs !== null);
  const stepMs = timed?.stepMs ?? (probe?.stepFit ? stepMsOf(probe.stepFit, 32) : null);
  const why = recommendation ? null : (notes?.[0]?.text ?? null);
  return { name, batchSize: recommendation?.batchSize ?? null, stepMs, seconds, why };
}

interface Tuned {
  readonly result: SweepResult | null;
  readonly failure: string;
}

/** As a person would. */
async function inTerminal(configFile: string, budget: string): Promise<Tuned> {
  const args = ['dist/cli.js', 'tune', configFile, '--json', '--no-cache', '--budget', budget];
  const child = spawn(process.execPath, args);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  const result = stdout === '' ? null : (JSON.parse(stdout) as SweepResult);
  return { result, failure: stderr.slice(-400) };
}

async function byProcessorTime(configFile: string, budget: string): Promise<Tuned> {
  const seconds = parseDuration(budget) ?? NaN;
  const outcome = await tuneByProcessorTime(configFile, path.resolve('dist/worker.js'), seconds);
  if (outcome.status === 'done') return { result: outcome.result, failure: '' };
  return { result: null, failure: JSON.stringify(outcome) };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
