import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorker } from './buildWorker';
import { dataFolder, installFromWheel, runtimeFolder, whyNotHere } from './nativeCache';
import { describeNativeKernels } from './nativeKernelCases';
import {
  begin,
  endTrainers,
  load,
  makeWorkspace,
  startTrainer,
  type RunningTrainer,
} from './trainer';

const why = await whyNotHere();
const where = why === null ? '' : ` (${why}; then: npx vitest run test/process/native.test.ts)`;
const softmax = { className: 'Dense', config: { units: 2, activation: 'softmax' } };

const models: Record<string, readonly object[]> = {
  'a dense model with dropout': [
    { className: 'Dense', config: { units: 16, activation: 'relu' } },
    { className: 'Dropout', config: { rate: 0.3, seed: 7 } },
    softmax,
  ],
  'a convolutional model with batch normalization': [
    { className: 'Dense', config: { units: 64, activation: 'tanh' } },
    { className: 'Reshape', config: { targetShape: [8, 8, 1] } },
    {
      className: 'Conv2D',
      config: { filters: 4, kernelSize: 3, padding: 'same', strides: 2, useBias: false },
    },
    // No bias before it: its gradient is zero but for rounding, which Adam would make steps of.
    { className: 'BatchNormalization', config: {} },
    { className: 'MaxPooling2D', config: { poolSize: 2 } },
    { className: 'Flatten', config: {} },
    softmax,
  ],
  'a recurrent model': [
    { className: 'Reshape', config: { targetShape: [4, 1] } },
    { className: 'LSTM', config: { units: 8 } },
    softmax,
  ],
  'gated recurrent units, one way and both': [
    { className: 'Reshape', config: { targetShape: [4, 1] } },
    { className: 'GRU', config: { units: 8, returnSequences: true } },
    {
      className: 'Bidirectional',
      config: { layer: { className: 'GRU', config: { units: 4 } }, mergeMode: 'concat' },
    },
    softmax,
  ],
};

describe.skipIf(why !== null)(`the native runtime from the Python wheel${where}`, () => {
  let worker: string;

  beforeAll(async () => {
    process.env['BATCHWISE_DATA_FOLDER'] = dataFolder;
    worker = await buildWorker();
  });
  afterAll(endTrainers);

  async function curve(trainer: RunningTrainer, points = 5): Promise<number[]> {
    await begin(trainer, { batchSize: 32, seed: 3 });
    const losses: number[] = [];
    for (let point = 0; point < points; point++) {
      const call = { trial: 'a', iterations: 6, maxSeconds: 60 };
      const { trainLoss } = await trainer.client.call('advance', call);
      const { loss } = await trainer.client.call('evaluate', { trial: 'a' });
      losses.push(trainLoss ?? NaN, loss ?? NaN);
    }
    return losses;
  }

  it('installs, works when it is tried again, and leaves nothing beside it', async () => {
    const first = await installFromWheel();
    if (first.outcome.status === 'failed') expect(first.outcome.problem).toBeNull();
    expect(['installed', 'present']).toContain(first.outcome.status);
    if (first.outcome.status === 'installed') {
      expect(first.asked).toEqual(['nativePlanWhyNot', 'nativePlanWheel', 'nativePlanSpace']);
    }
    const again = await installFromWheel();
    expect(again.outcome).toMatchObject({ status: 'present', libtensorflow: '2.21.0' });
    expect(again.asked).toEqual([]);
    expect(await readdir(path.dirname(runtimeFolder))).toEqual([path.basename(runtimeFolder)]);
  }, 480_000);

  it.each(Object.entries(models))('trains %s to the losses of WASM', async (_, layers) => {
    const workspace = await makeWorkspace({ layers });
    const [native, wasm] = await Promise.all([startTrainer(worker), startTrainer(worker)]);
    const { backend } = await load(native, workspace, 'tensorflow');
    expect(backend).toMatchObject({
      name: 'tensorflow',
      software: false,
      versions: { 'tfjs-node': '4.22.0', libtensorflow: '2.21.0' },
    });
    await load(wasm, workspace, 'wasm');
    const expected = await curve(wasm);
    const losses = await curve(native);
    expect(losses.at(-1)).toBeLessThan(losses[1] ?? NaN);
    losses.forEach((loss, index) => {
      expect(Math.abs(loss - (expected[index] ?? NaN))).toBeLessThan(1e-3);
    });
  });

  it("trains while Node's CPU profiler samples it", async () => {
    const wide = { className: 'Dense', config: { units: 128, activation: 'relu' } };
    const workspace = await makeWorkspace({ layers: [wide, wide, softmax], samples: 2000 });
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-profile-'));
    const execArgv = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const trainer = await startTrainer(worker, { execArgv });
    await load(trainer, workspace, 'tensorflow');
    await begin(trainer, { batchSize: 8 });
    const call = { trial: 'a', iterations: 1000, maxSeconds: 60 };
    expect(await trainer.client.call('advance', call)).toMatchObject({ status: 'ok' });
    trainer.child.disconnect();
    expect(await trainer.ended).toBe(0);
    // One of the process, one of its watchdog's thread.
    expect((await readdir(folder)).length).toBeGreaterThan(0);
    await rm(folder, { recursive: true });
  });

  describe('in this process', () => {
    describeNativeKernels(runtimeFolder);
  });

  it('is what "auto" takes where it is installed', async () => {
    const workspace = await makeWorkspace({ layers: [softmax] });
    const trainer = await startTrainer(worker);
    expect((await load(trainer, workspace, 'auto')).backend.name).toBe('tensorflow');
  });

  it('meters tensors, ends a trial at its limit, and leaves nothing behind', async () => {
    const workspace = await makeWorkspace({ layers: models['a recurrent model'] ?? [] });
    const trainer = await startTrainer(worker);
    await load(trainer, workspace, 'tensorflow');
    const peak = async (trial: string, limitBytes: number | null) => {
      await begin(trainer, { trial, batchSize: 200, limitBytes });
      const call = { trial, iterations: 5, maxSeconds: 60 };
      const advanced = await trainer.client.call('advance', call);
      await trainer.client.call('end', { trial });
      return advanced;
    };
    const free = await peak('free', null);
    // Four time steps of four gates of eight units for 200 samples, at the least.
    expect(free.peakBytes).toBeGreaterThan(4 * 4 * 8 * 200 * 4);
    expect(free.processPeakBytes).toBeGreaterThan(free.peakBytes ?? Infinity);
    const limited = await peak('limited', (free.peakBytes ?? NaN) - 1000);
    expect(limited.status).toBe('out-of-memory');
    expect(limited.detail).toMatch(/limit/);
    const fitting = await peak('fitting', free.peakBytes);
    expect(fitting).toMatchObject({ status: 'ok', peakBytes: free.peakBytes });
  });

  it('reports an operation that finds no memory as out of memory, and lives on', async () => {
    // Four terabytes for each sample. The library waits ten seconds for memory before it gives up.
    const wide = { className: 'Dense', config: { units: 1000 } };
    const repeat = { className: 'RepeatVector', config: { n: 1_000_000_000 } };
    const pool = { className: 'GlobalAveragePooling1D', config: {} };
    const workspace = await makeWorkspace({ layers: [wide, repeat, pool, softmax] });
    const trainer = await startTrainer(worker);
    await load(trainer, workspace, 'tensorflow');
    await begin(trainer, { batchSize: 32 });
    const call = { trial: 'a', iterations: 1, maxSeconds: 60 };
    const advanced = await trainer.client.call('advance', call);
    expect(advanced).toMatchObject({ status: 'out-of-memory', iterations: 0 });
    expect(trainer.child.exitCode).toBeNull();
  }, 90_000);
});
