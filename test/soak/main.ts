import { spawn, type ChildProcess } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { encode as encodePng } from 'fast-png';
import { configSchema } from '../../src/config/schema';
import { LoadedTrainer } from '../../src/tuner/process/loadedTrainer';
import { seededRandom } from '../../src/trainer/random/seededRandom';
import { tune } from '../../src/tuner/sweep';

/**
 * Long runs, and what they leave: memory after a collection, open files, timers and listeners,
 * processes, temporary files. The figures are printed; what grows by more than 5% fails.
 * `--only sweeps,trials,cancels,csv,images` runs some of them, `--seconds` is the budget of the last two.
 */

const { values } = parseArgs({
  options: {
    sweeps: { type: 'string', default: '300' },
    trials: { type: 'string', default: '2000' },
    cancels: { type: 'string', default: '200' },
    csv: { type: 'string', default: '2' },
    images: { type: 'string', default: '100000' },
    only: { type: 'string', default: 'sweeps,trials,cancels,csv,images' },
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
const scratch = mkdtempSync(path.join(tmpdir(), 'batchwise-soak-'));
// What is left there is left by us.
process.env.TMPDIR = path.join(scratch, 'temporary');
mkdirSync(process.env.TMPDIR);
const random = seededRandom(Number(values.seed));
const trainer = { workerFile: path.join(__dirname, 'worker.js'), nodePath: process.execPath };
let failed = false;

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);

/** What this process holds, after a collection. */
async function held() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    bytes: heapUsed + external + arrayBuffers,
    files: openFiles(),
    resources: process.getActiveResourcesInfo().length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    children: children().length,
    temporary: readdirSync(process.env.TMPDIR ?? '').length,
  };
}

function openFiles(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return !/^(?:pipe|anon_inode|socket)/.test(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  }).length;
}

function children(): number[] {
  const file = `/proc/self/task/${process.pid}/children`;
  return existsSync(file)
    ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
    : [];
}

type Held = Awaited<ReturnType<typeof held>>;

function judge(name: string, before: Held, after: Held): void {
  const growth = after.bytes / before.bytes - 1;
  const grown = (['files', 'resources', 'listeners', 'children', 'temporary'] as const).filter(
    (key) => after[key] > before[key],
  );
  console.log(name, JSON.stringify({ before, after, growth: `${(100 * growth).toFixed(1)}%` }));
  if (growth > 0.05 || grown.length > 0) {
    failed = true;
    console.error(`${name}: left over: ${grown.join(', ') || 'memory'}`);
  }
}

const rows = Array.from({ length: 240 }, (_, index) => {
  const side = index % 2 === 0 ? 0.8 : -0.8;
  const cells = [1.3, 2.3, 3.3].map((factor) => (Math.sin(index * factor) + side).toFixed(4));
  return [...cells, index % 2].join(',');
});
const dense = {
  model: { layers: [{ className: 'Dense', config: { units: 2, activation: 'softmax' } }] },
  data: { train: 'data.csv', label: 'y' },
  training: { loss: 'sparseCategoricalCrossentropy', batchSize: 16 },
};

function workspace(): { configFile: string; root: string; config: ReturnType<typeof parsed> } {
  const root = path.join(scratch, 'workspace');
  mkdirSync(root, { recursive: true });
  writeFileSync(path.join(root, 'data.csv'), ['a,b,c,y', ...rows].join('\n'));
  writeFileSync(path.join(root, 'batchwise.json'), JSON.stringify(dense));
  return { root, configFile: path.join(root, 'batchwise.json'), config: parsed() };
}
const parsed = () => configSchema.parse(dense);

function sweep(signal?: AbortSignal) {
  const { config, configFile, root } = workspace();
  return tune({
    ...{ config, configFile, root, backend: 'wasm', budgetSeconds: 3, trainer },
    ...(signal && { signal }),
    onBusy: () => true,
    onEvent: () => undefined,
  });
}

/** Compiled code and its profiles grow for the first dozens of sweeps. */
function warmUpOf(count: number): number {
  return Math.max(3, Math.ceil(count / 3));
}

async function sweeps(count: number): Promise<void> {
  const warmUp = warmUpOf(count);
  let before: Held | null = null;
  for (let done = 0; done < count; done++) {
    const outcome = await sweep();
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    if (done + 1 === warmUp) before = await held();
  }
  if (before) judge(`${count} sweeps`, before, await held());
}

async function cancels(count: number): Promise<void> {
  const warmUp = warmUpOf(count);
  let before: Held | null = null;
  for (let done = 0; done < warmUp + count; done++) {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      abort.abort();
    }, random() * 3000);
    await sweep(abort.signal);
    clearTimeout(timer);
    if (done + 1 === warmUp) before = await held();
    if ((done + 1) % 50 === 0) console.log(`${done + 1} cancels`, (await held()).bytes);
  }
  if (before) judge(`${count} cancels after ${warmUp}`, before, await held());
}

/** Resident bytes of a process, and the most it had. */
function residentOf(pid: number): { now: number; most: number } {
  const status = existsSync(`/proc/${pid}/status`)
    ? readFileSync(`/proc/${pid}/status`, 'utf8')
    : '';
  const kilobytes = (name: string) =>
    Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1] ?? 0);
  return { now: 1024 * kilobytes('VmRSS'), most: 1024 * kilobytes('VmHWM') };
}

/**
 * Loaded into training processes: on a signal, one collects its garbage and writes down what it holds.
 * Without that, a process grows for thousands of trials though it keeps nothing of them: V8 collects
 * old objects late.
 */
const collector = path.join(scratch, 'collect.cjs');
const collected = path.join(scratch, 'held.json');
const collectorCode = `
const { isMainThread } = require('node:worker_threads');
if (isMainThread && process.send) {
  require('node:v8').setFlagsFromString('--expose-gc');
  const collect = require('node:vm').runInNewContext('gc');
  process.on('SIGUSR2', () => {
    for (let round = 0; round < 3; round++) collect();
    const { heapUsed, external } = process.memoryUsage();
    const fs = require('node:fs');
    fs.writeFileSync(${JSON.stringify(collected)} + '.part', String(heapUsed + external));
    fs.renameSync(${JSON.stringify(collected)} + '.part', ${JSON.stringify(collected)});
  });
}`;

/** Bytes that a training process holds after a collection, tensors of the device included. */
async function heldBy(pid: number): Promise<number> {
  rmSync(collected, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(collected)) await new Promise((resolve) => setTimeout(resolve, 20));
  return Number(readFileSync(collected, 'utf8'));
}

async function trials(count: number): Promise<void> {
  writeFileSync(collector, collectorCode);
  process.env.NODE_OPTIONS = `--require="${collector}"`;
  const { config, configFile, root } = workspace();
  const one = new LoadedTrainer({ config, configFile, root, backend: 'wasm', seed: 1, trainer });
  const loaded = await one.load();
  if (!loaded.ok) throw new Error(loaded.problem.reason);
  const [pid = 0] = children();
  // Compiled code and its profiles grow for the first hundreds of trials.
  const warmUp = Math.ceil(count / 4);
  const resident = { before: 0, after: 0 };
  let before = 0;
  for (let done = 0; done < warmUp + count; done++) {
    const trial = `t${done}`;
    const batchSize = 2 ** (3 + (done % 4));
    const begun = { trial, batchSize, learningRate: 0.01, seed: done, limitBytes: null };
    await one.call('begin', begun);
    await one.call('advance', { trial, iterations: 10, maxSeconds: 5 });
    await one.call('evaluate', { trial });
    await one.call('end', { trial });
    if (done + 1 === warmUp) {
      resident.before = residentOf(pid).now;
      before = await heldBy(pid);
    }
  }
  resident.after = residentOf(pid).now;
  const after = await heldBy(pid);
  await one.stop();
  delete process.env.NODE_OPTIONS;
  const growth = after / before - 1;
  console.log(
    `${count} trials in one worker: ${megabytes(before)} MB held after ${warmUp}, ${megabytes(after)} MB at the end (${(100 * growth).toFixed(1)}%), resident ${megabytes(resident.before)} and ${megabytes(resident.after)} MB`,
  );
  if (growth > 0.05) failed = true;
}

/** Peak of the largest process while a command works on a config. */
async function peakOf(
  folder: string,
  ...args: readonly string[]
): Promise<{ megabytes: number; code: unknown; output: string }> {
  const all = [path.join(__dirname, 'cli.js'), ...args];
  const child: ChildProcess = spawn(process.execPath, all, { cwd: folder });
  let output = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  let most = 0;
  const look = setInterval(() => {
    const own = `/proc/${child.pid}/task/${child.pid}/children`;
    const pids = existsSync(own) ? readFileSync(own, 'utf8').trim().split(' ') : [];
    for (const pid of [child.pid, ...pids.filter(Boolean).map(Number)])
      most = Math.max(most, residentOf(pid ?? 0).most);
  }, 100);
  const [code] = (await once(child, 'close')) as unknown[];
  clearInterval(look);
  return { megabytes: megabytes(most), code, output };
}

async function largeCsv(gigabytes: number): Promise<void> {
  const folder = path.join(scratch, 'csv');
  mkdirSync(folder);
  const file = createWriteStream(path.join(folder, 'data.csv'));
  file.write('a,b,c,y\n');
  const block = `${rows.join('\n')}\n`.repeat(1000);
  for (let written = 0; written < gigabytes * 2 ** 30; written += block.length)
    if (!file.write(block)) await once(file, 'drain');
  await new Promise((resolve) => file.end(resolve));
  const limited = { ...dense, backend: 'wasm', tuning: { memoryLimit: '256 MB' } };
  writeFileSync(path.join(folder, 'batchwise.json'), JSON.stringify(limited));
  await reportBoth(`a CSV of ${gigabytes} GB`, folder);
  rmSync(folder, { recursive: true });
}

async function manyImages(count: number): Promise<void> {
  const folder = path.join(scratch, 'images');
  for (const name of ['cat', 'dog'])
    mkdirSync(path.join(folder, 'images', name), { recursive: true });
  for (let index = 0; index < count; index++) {
    const data = Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 7 + index) % 256);
    const png = encodePng({ width: 8, height: 8, channels: 1, depth: 8, data });
    writeFileSync(path.join(folder, 'images', index % 2 ? 'cat' : 'dog', `${index}.png`), png);
  }
  const config = {
    ...dense,
    model: { layers: [{ className: 'Flatten', config: {} }, ...dense.model.layers] },
    data: { train: 'images' },
    backend: 'wasm',
    tuning: { memoryLimit: '16 MB' },
  };
  writeFileSync(path.join(folder, 'batchwise.json'), JSON.stringify(config));
  await reportBoth(`${count} images`, folder);
  rmSync(folder, { recursive: true });
}

async function reportBoth(name: string, folder: string): Promise<void> {
  report(`${name}, explained`, await peakOf(folder, 'explain', 'batchwise.json'));
  const tune = ['tune', 'batchwise.json', '--budget', `${values.seconds}s`];
  report(`${name}, tuned for ${values.seconds} s`, await peakOf(folder, ...tune));
}

const boundMegabytes = 1500;
function report(name: string, found: Awaited<ReturnType<typeof peakOf>>): void {
  console.log(
    `${name}: at most ${found.megabytes} MB in a process, exit code ${String(found.code)}`,
  );
  if (found.code === 0 && found.megabytes < boundMegabytes) return;
  failed = true;
  console.error(found.output);
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  sweeps: () => sweeps(Number(values.sweeps)),
  trials: () => trials(Number(values.trials)),
  cancels: () => cancels(Number(values.cancels)),
  csv: () => largeCsv(Number(values.csv)),
  images: () => manyImages(Number(values.images)),
};

async function main(): Promise<void> {
  try {
    for (const name of values.only.split(',')) await parts[name]?.();
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
  process.exitCode = failed ? 1 : 0;
}

void main();
