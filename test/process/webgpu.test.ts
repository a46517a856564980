import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { configSchema } from '../../src/config/schema';
import type { BackendName } from '../../src/core/sweep/result';
import { buildWorker } from './buildWorker';
import { tune } from '../../src/tuner/sweep';
import { limitData } from './limitData';
import { resultOf } from './runSweep';
import { addDawn, noSoftwareGpu, noVulkan, softwareGpu } from './softwareGpu';
import { begin, denseLayers, endTrainers, load, makeWorkspace, startTrainer } from './trainer';

type Workspace = Awaited<ReturnType<typeof makeWorkspace>>;
let worker: string;
let dense: Workspace;

beforeAll(async () => {
  worker = await buildWorker();
  addDawn(worker);
  dense = await makeWorkspace({ layers: denseLayers });
});
afterAll(endTrainers);

/** The losses of a few updates and of the validation set after them. */
async function losses(workspace: Workspace, backend: BackendName): Promise<number[]> {
  const trainer = await startTrainer(worker, { env: softwareGpu() });
  expect((await load(trainer, workspace, backend)).backend.name).toBe(backend);
  await begin(trainer);
  const found: number[] = [];
  for (let round = 0; round < 3; round++) {
    const advanced = await trainer.client.call('advance', {
      trial: 'a',
      iterations: 2,
      maxSeconds: 60,
    });
    expect(advanced.status).toBe('ok');
    found.push(advanced.trainLoss ?? NaN);
  }
  const evaluated = await trainer.client.call('evaluate', { trial: 'a' });
  found.push(evaluated.loss ?? NaN, evaluated.accuracy ?? NaN);
  trainer.child.disconnect();
  return found;
}

const title = noSoftwareGpu === null ? 'WebGPU' : `WebGPU (not run: ${noSoftwareGpu})`;

describe.skipIf(noSoftwareGpu !== null)(title, () => {
  it.each([
    ['dense', denseLayers],
    [
      'convolution',
      [
        { className: 'Reshape', config: { targetShape: [2, 2, 1] } },
        {
          className: 'Conv2D',
          config: { filters: 3, kernelSize: 2, padding: 'same', activation: 'relu' },
        },
        { className: 'MaxPooling2D', config: { poolSize: 2 } },
        { className: 'Flatten', config: {} },
        { className: 'Dense', config: { units: 2, activation: 'softmax' } },
      ],
    ],
    [
      'LSTM',
      [
        { className: 'Reshape', config: { targetShape: [2, 2] } },
        { className: 'LSTM', config: { units: 3 } },
        { className: 'Dense', config: { units: 2, activation: 'softmax' } },
      ],
    ],
  ])('trains a %s model to the losses of the CPU backend', async (_name, layers) => {
    const workspace = await makeWorkspace({ layers, samples: 80 });
    const expected = await losses(workspace, 'cpu');
    const actual = await losses(workspace, 'webgpu');
    expected.forEach((loss, index) => {
      expect(Math.abs((actual[index] ?? NaN) - loss)).toBeLessThan(1e-3);
    });
  });

  it('tells the device, that it is software, its limits and its memory', async () => {
    const trainer = await startTrainer(worker, { env: softwareGpu() });
    const { backend, availableBytes, dataBytes } = await load(trainer, dense, 'webgpu');
    expect(backend).toMatchObject({ name: 'webgpu', software: true, skipped: [] });
    expect(backend.device).toMatch(/swiftshader/i);
    expect(backend.versions['dawn']).toMatch(/^\d+\.\d+/);
    expect(backend.limits?.['maxBufferSize']).toBeGreaterThan(2 ** 27);
    expect(backend.memory?.totalBytes).toBeGreaterThan(backend.memory?.freeBytes ?? Infinity);
    expect(availableBytes).toBeLessThan(backend.memory?.freeBytes ?? 0);
    expect(dataBytes).toBeGreaterThanOrEqual(0);
  });

  it('is passed over by "auto" where it is software', async () => {
    const trainer = await startTrainer(worker, { env: softwareGpu() });
    const { backend } = await load(trainer, dense);
    expect(backend.name).not.toBe('webgpu');
    expect(backend.skipped).toContainEqual(
      expect.objectContaining({
        name: 'webgpu',
        why: expect.objectContaining({ id: 'webgpuSoftware' }) as unknown,
      }),
    );
  });

  it('meters what a batch needs, and ends a trial at its limit', async () => {
    const wide = await makeWorkspace({
      layers: [
        { className: 'Dense', config: { units: 256, activation: 'relu' } },
        { className: 'Dense', config: { units: 2, activation: 'softmax' } },
      ],
      samples: 320,
    });
    const trainer = await startTrainer(worker, { env: softwareGpu() });
    const { dataBytes } = await load(trainer, wide, 'webgpu');
    expect(dataBytes).toBeGreaterThanOrEqual(4 * 256 * 4);
    const advance = async (trial: string, batchSize: number, limitBytes: number | null) => {
      await begin(trainer, { trial, batchSize, limitBytes });
      const work = { trial, iterations: 1, maxSeconds: 60 };
      const advanced = await trainer.client.call('advance', work);
      await trainer.client.call('end', { trial });
      return advanced;
    };
    const small = await advance('small', 32, null);
    const large = await advance('large', 256, null);
    const outputs = 4 * 256 * (256 - 32);
    expect(small.status).toBe('ok');
    expect((large.peakBytes ?? 0) - (small.peakBytes ?? 0)).toBeGreaterThan(outputs);

    const limit = (large.peakBytes ?? 0) - outputs;
    const limited = await advance('limited', 256, limit);
    expect(limited).toMatchObject({ status: 'out-of-memory' });
    expect(limited.detail).toContain('limit');
    const after = await advance('after', 32, limit);
    expect(after.status).toBe('ok');
    // What trials before it left for reuse counts neither for nor against it.
    expect(Math.abs((after.peakBytes ?? 0) - (small.peakBytes ?? 0))).toBeLessThan(2 ** 14);
  });

  describe('with a model that strains the device', () => {
    const straining = async () => {
      const workspace = await makeWorkspace({ layers: denseLayers, samples: 80 });
      await writeFile(path.join(workspace.root, 'model.mjs'), strainingModel);
      const config = { ...workspace.config, model: { module: 'model.mjs' } };
      const trainer = await startTrainer(worker, { env: softwareGpu() });
      await load(trainer, { ...workspace, config }, 'webgpu');
      return trainer;
    };
    const advance = async (batchSize: number) => {
      const trainer = await straining();
      await begin(trainer, { batchSize });
      return trainer.client.call('advance', { trial: 'a', iterations: 1, maxSeconds: 60 });
    };

    it('calls a batch too large for one buffer out of memory', async () => {
      const { status, detail } = await advance(40);
      expect(status).toBe('out-of-memory');
      expect(detail).toMatch(/needs a buffer of 2684354560 bytes; this device allows/);
    });

    it('fails when the device is lost, and the next process has a fresh one', async () => {
      await expect(advance(48)).rejects.toThrow('The GPU device was lost');
      expect((await advance(32)).status).toBe('ok');
    });

    it('calls memory that the driver refuses out of memory', async () => {
      // SwiftShader itself ends by a fault where its own small allocations fail first: other
      // amounts are left to it then.
      for (const bytes of [500e6, 600e6, 700e6, 400e6, 550e6, 650e6]) {
        const trainer = await straining();
        limitData(trainer, bytes);
        const work = { trial: 'a', iterations: 1, maxSeconds: 60 };
        const advanced = await begin(trainer, { batchSize: 24 })
          .then(() => trainer.client.call('advance', work))
          .catch(() => null);
        if (!advanced) continue;
        expect(advanced.status).toBe('out-of-memory');
        expect(advanced.detail).toMatch(/^GPUOutOfMemoryError: .*VK_ERROR_OUT_OF_DEVICE_MEMORY/);
        return;
      }
      expect.fail('The driver never refused memory without ending the process.');
    });

    it('fails when the device finds a command invalid, and the next process has a fresh one', async () => {
      await expect(advance(56)).rejects.toThrow('GPUValidationError');
      expect((await advance(32)).status).toBe('ok');
    });

    it('loses one trial of a sweep with its device, and goes on with a fresh one', async () => {
      const workspace = await makeWorkspace({ layers: denseLayers, samples: 250 });
      await writeFile(path.join(workspace.root, 'model.mjs'), strainingModel);
      for (const [name, value] of Object.entries(softwareGpu())) vi.stubEnv(name, value);
      const outcome = await tune({
        config: configSchema.parse({
          ...workspace.config,
          model: { module: 'model.mjs' },
          tuning: { batchSizes: [32, 48, 64], objective: 'throughput' },
        }),
        configFile: workspace.configFile,
        root: workspace.root,
        backend: 'webgpu',
        budgetSeconds: 45,
        trainer: { workerFile: worker, nodePath: process.execPath },
        onBusy: () => true,
        onEvent: () => undefined,
      });
      vi.unstubAllEnvs();
      const { backend, trials } = resultOf(outcome);
      expect(backend).toMatchObject({ name: 'webgpu', software: true });
      const of = (size: number) => trials.filter(({ batchSize }) => batchSize === size);
      expect(of(48).map(({ status }) => status)).toContain('failed');
      expect(JSON.stringify(of(48)[0]?.error)).toContain('The GPU device was lost');
      // Timed before and after it, each on a device of its own.
      for (const size of [32, 64]) {
        expect(of(size).some(({ stepMs }) => stepMs !== null && stepMs > 0)).toBe(true);
        expect(of(size).map(({ status }) => status)).not.toContain('failed');
      }
    }, 120_000);
  });
});

/** Its batches of 40 need too much at once, those of 24 nearly so, those of 48 lose the device, those of 56 misuse it. */
const strainingModel = `
export function createModel(tf) {
  class Strain extends tf.layers.Layer {
    call(inputs) {
      const [input] = Array.isArray(inputs) ? inputs : [inputs];
      const [batch] = input.shape;
      const { device } = tf.backend();
      if (batch === 40) return tf.sum(tf.tile(input, [1, 2 ** 21]), 1, true);
      if (batch === 24) return tf.sum(tf.tile(input, [1, 2 ** 20]), 1, true);
      if (batch === 48) device.destroy();
      if (batch === 56) device.createBuffer({ size: 16, usage: 0xffff });
      return input;
    }
    computeOutputShape(shape) { return shape; }
    static className = 'Strain';
  }
  return tf.sequential({ layers: [
    tf.layers.dense({ inputShape: [4], units: 8, activation: 'relu' }),
    new Strain({}),
    tf.layers.dense({ units: 2, activation: 'softmax' }),
  ] });
}`;

describe('WebGPU without a driver', () => {
  it.skipIf(process.platform !== 'linux')('says so, and "auto" goes on without it', async () => {
    const trainer = await startTrainer(worker, { env: noVulkan });
    const { root, configFile } = dense;
    const config = configSchema.parse(dense.config);
    const request = { config, configFile, root, seed: 1 };
    const named = await trainer.client.call('load', { ...request, backend: 'webgpu' });
    expect(named).toMatchObject({ ok: false, problem: { reason: 'webgpuNoAdapter' } });
    const { backend } = await load(trainer, dense);
    expect(backend.name).not.toBe('webgpu');
    expect(backend.skipped.map(({ name, why }) => [name, why.id])).toContainEqual([
      'webgpu',
      'webgpuNoAdapter',
    ]);
  });
});
