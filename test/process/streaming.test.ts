import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { tune } from '../../src/tuner/sweep';
import { buildWorker } from './buildWorker';
import { limitData, noPrlimit } from './limitData';
import { resultOf, sweepWith } from './runSweep';
import {
  begin,
  denseLayers,
  endTrainers,
  load,
  makeWorkspace,
  startTrainer,
  type RunningTrainer,
} from './trainer';

/** Data sets larger than the memory limit, trained on by a real worker. */

let worker: string;

beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(endTrainers);

type Workspace = Awaited<ReturnType<typeof makeWorkspace>>;
const limited = (workspace: Workspace, memoryLimit: string): Workspace => ({
  ...workspace,
  config: { ...workspace.config, tuning: { memoryLimit } },
});

/** Trains for some updates of each kind and tells every number that came of it. */
async function train(trainer: RunningTrainer, trial: string, batchSize: number) {
  await begin(trainer, { trial, batchSize });
  const numbers = [];
  for (let round = 0; round < 3; round++) {
    const request = { trial, iterations: 13, maxSeconds: 60 };
    const { status, trainLoss, epoch } = await trainer.client.call('advance', request);
    const { loss, accuracy } = await trainer.client.call('evaluate', { trial });
    const noise = { trial, microbatchSize: 16, microbatches: 3, steps: 2 };
    const { steps } = await trainer.client.call('measureNoise', noise);
    // Blocks of steps are timed, so their means are summed up in one order or another.
    const meanLoss = Math.fround(trainLoss ?? NaN);
    numbers.push({ status, epoch, meanLoss, loss, accuracy, steps });
  }
  return numbers;
}

describe('a data set that does not fit', () => {
  it('gives the losses that it gives in memory, to the bit', async () => {
    const workspace = await makeWorkspace({ layers: denseLayers, samples: 3000 });
    const held = await startTrainer(worker);
    const fits = await load(held, workspace, 'wasm');
    expect(fits.dataset.streamedBytes).toBeUndefined();
    const streamed = await startTrainer(worker);
    const tooMuch = await load(streamed, limited(workspace, '20 kB'), 'wasm');
    expect(tooMuch.dataset).toEqual({ ...fits.dataset, streamedBytes: 4 * 5 * 3000 });
    expect(tooMuch.contentHash).toBe(fits.contentHash);
    expect(fits.dataBytes).toBe(4 * 5 * 3000);
    expect(tooMuch.dataBytes).toBe(0);
    for (const [trial, batchSize] of [
      ['a', 32],
      ['b', 700],
    ] as const) {
      expect(await train(streamed, trial, batchSize)).toEqual(await train(held, trial, batchSize));
    }
  });

  it('is held all the same when it is found to fit once it is read', async () => {
    // A CSV may hold up to a number in two bytes, but this one does not.
    const workspace = await makeWorkspace({ layers: denseLayers, samples: 3000 });
    const trainer = await startTrainer(worker);
    const { dataset, dataBytes } = await load(trainer, limited(workspace, '200 kB'), 'wasm');
    expect(dataset.streamedBytes).toBeUndefined();
    expect(dataBytes).toBe(4 * 5 * 3000);
    const other = await startTrainer(worker);
    await load(other, workspace, 'wasm');
    expect(await train(trainer, 'a', 64)).toEqual(await train(other, 'a', 64));
  });

  it('is refused when its file changes while it is being trained on', async () => {
    const workspace = await images(4000, '1 MB');
    const trainer = await startTrainer(worker);
    await load(trainer, workspace, 'wasm');
    await begin(trainer, { batchSize: 64 });
    const advance = () =>
      trainer.client.call('advance', { trial: 'a', iterations: 200, maxSeconds: 60 });
    expect((await advance()).status).toBe('ok');
    await appendFile(path.join(workspace.root, 'images'), 'more');
    await expect(advance()).rejects.toThrow(/images changed while it was being trained on/);
  });
});

describe('a sweep of a data set that does not fit', () => {
  it('says so, stays within the limit, and leaves nothing on disk', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-temporary-'));
    vi.stubEnv('TMPDIR', folder);
    try {
      const parts = { layers: denseLayers, samples: 20_000, tuning: { memoryLimit: '250 kB' } };
      const { outcome, events } = await sweepWith(worker, parts);
      const { dataset, notes, trials } = resultOf(outcome);
      expect(dataset.streamedBytes).toBe(20 * 20_000);
      const note = notes?.find(({ id }) => id === 'dataStreamed');
      expect(note?.text).toMatch(/400 kB.*250 kB.*read from disk/);
      // A busy machine may leave no time for some sizes.
      const fitted = trials.filter(
        ({ status, peakBytes }) => status !== 'out-of-memory' && peakBytes !== null,
      );
      expect(fitted.length).toBeGreaterThan(1);
      for (const { peakBytes } of fitted) expect(peakBytes).toBeLessThanOrEqual(250e3);
      expect(events.some(({ type }) => type === 'memoryModel')).toBe(true);
      const left = await readdir(folder);
      expect(left.filter((name) => name.startsWith('batchwise-data-'))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  });

  it('tells how far reading is where it takes long, and ends when it is cancelled', async () => {
    const { root, configFile, config } = await makeWorkspace({ layers: denseLayers, samples: 10 });
    const file = await open(path.join(root, 'data.csv'), 'w');
    await file.write('a,b,c,d,kind\n');
    const rows = '0.123456,1.234567,-2.345678,3.456789,left\n1,2,3,4,right\n'.repeat(20_000);
    for (let written = 0; written < 100; written++) await file.write(rows);
    await file.close();
    const cancel = new AbortController();
    const told: number[] = [];
    const start = performance.now();
    const outcome = await tune({
      config: configSchema.parse({ ...config, tuning: { memoryLimit: '1 MB' } }),
      configFile,
      root,
      backend: 'wasm',
      trainer: { workerFile: worker, nodePath: process.execPath },
      onBusy: () => true,
      signal: cancel.signal,
      onEvent: (event) => {
        if (event.type !== 'progress' || event.text.id !== 'progressReading') return;
        told.push(Number(event.text.values['percent']));
        if (told.length === 3) cancel.abort();
      },
    });
    await rm(root, { recursive: true });
    expect(outcome.status).toBe('cancelled');
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBeLessThan(100);
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

const title = process.platform === 'linux' ? 'memory' : 'memory (not run: needs Linux)';

describe.skipIf(process.platform !== 'linux')(title, () => {
  const limitBytes = 64e6;

  it('of the device and of the process stays within the limit at four times its size', async () => {
    const sampleBytes = 4 * 28 * 28;
    const few = Math.round(limitBytes / 4 / sampleBytes);
    // As many updates for each: a process that works longer has a larger heap, whatever its data.
    const updates = Math.ceil((64 * few) / 256);
    const small = await peaks(await images(few, '1 GB'), updates);
    const held = await peaks(await images(16 * few, '1 GB'), updates);
    const many = await peaks(await images(16 * few, '64 MB'), updates);
    const more = await peaks(await images(64 * few, '64 MB'), updates);
    expect([small, held, many, more].map(({ streamed }) => streamed)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    for (const { deviceBytes } of [many, more]) expect(deviceBytes).toBeLessThan(limitBytes / 8);
    // What is held shows in the measure, and what is streamed does not: not even its file's bytes,
    // a quarter of what the samples take in memory. Peaks scatter by some 20 MB in either direction.
    expect(held.processBytes - small.processBytes).toBeGreaterThan(15 * few * sampleBytes * 0.8);
    expect(many.processBytes - small.processBytes).toBeLessThan(limitBytes);
    expect(more.processBytes - many.processBytes).toBeLessThan((48 * few * sampleBytes) / 8);
  }, 240_000);
});

describe.skipIf(noPrlimit !== null)(
  noPrlimit === null ? 'a limit of the system' : `a limit of the system (not run: ${noPrlimit})`,
  () => {
    it('on the process makes data of twice its size stream, and is kept', async () => {
      const samples = 120_000;
      const trainer = await startTrainer(worker);
      // What a worker takes with next to no data beside what it starts with, and some for chance.
      limitData(trainer, 180e6);
      const { dataset } = await load(trainer, await images(samples, '1 GB'), 'wasm');
      expect(dataset.streamedBytes).toBe(4 * (28 * 28 + 1) * samples);
      await begin(trainer, { batchSize: 256 });
      const request = { trial: 'a', iterations: 300, maxSeconds: 120 };
      const { status, iterations } = await trainer.client.call('advance', request);
      expect([status, iterations]).toEqual(['ok', 300]);
    });
  },
);

/** The most that a worker held while it trained for so many updates at batch size 256. */
async function peaks(workspace: Workspace, iterations: number) {
  const trainer = await startTrainer(worker);
  const { dataset, dataBytes } = await load(trainer, workspace, 'wasm');
  await begin(trainer, { batchSize: 256 });
  const advanced = await trainer.client.call('advance', {
    trial: 'a',
    iterations,
    maxSeconds: 120,
  });
  expect(advanced.status).toBe('ok');
  await trainer.client.call('evaluate', { trial: 'a' });
  const status = readFileSync(`/proc/${trainer.child.pid ?? 0}/status`, 'utf8');
  const processBytes = 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]);
  trainer.child.kill('SIGKILL');
  await trainer.ended;
  return {
    streamed: dataset.streamedBytes !== undefined,
    deviceBytes: Math.max(advanced.peakBytes ?? 0, dataBytes),
    processBytes,
  };
}

/** A workspace with so many images of 28 × 28 bytes in IDX files, of two classes that differ. */
async function images(count: number, memoryLimit: string): Promise<Workspace> {
  const root = await mkdtemp(path.join(tmpdir(), 'batchwise-workspace-'));
  await writeFile(path.join(root, 'labels'), labelsOf(count));
  const file = await open(path.join(root, 'images'), 'w');
  await file.write(idxHeader(8, [count, 28, 28]));
  const some = Math.min(count, 1000);
  const block = Buffer.alloc(some * 784);
  for (let sample = 0; sample < some; sample++) {
    for (let at = 0; at < 784; at++) {
      block[sample * 784 + at] = (sample * 131 + at * 7 + (sample % 2) * 90) % 256;
    }
  }
  for (let written = 0; written < count; written += some) {
    await file.write(block.subarray(0, Math.min(some, count - written) * 784));
  }
  await file.close();
  const config = {
    model: { layers: [{ className: 'Flatten', config: {} }, ...denseLayers] },
    data: { train: 'images', labels: 'labels', validation: 0.1 },
    training: { loss: 'sparseCategoricalCrossentropy', optimizer: 'adam', learningRate: 0.001 },
    tuning: { memoryLimit },
  };
  const configFile = path.join(root, 'batchwise.json');
  await writeFile(configFile, JSON.stringify(config));
  return { root, configFile, config };
}

function labelsOf(count: number): Buffer {
  return Buffer.concat([
    idxHeader(8, [count]),
    Buffer.from(Uint8Array.from({ length: count }, (_, index) => index % 2)),
  ]);
}

function idxHeader(type: number, shape: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return header;
}
