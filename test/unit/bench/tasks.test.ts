import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema';
import { generate } from '../../bench/tuner/generators';
import { leftOutErrors } from '../../bench/tuner/leftOut';
import { pooledNoiseScale } from '../../bench/tuner/noiseScale';
import { tasks } from '../../bench/tuner/tasks';
import { readTruth } from '../../bench/tuner/truthFile';
import { taskHash, writeWorkspace } from '../../bench/tuner/workspace';
import { mkdtemp, rm, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseNpy } from '../../../src/trainer/data/npy';

describe('the tasks of the bench', () => {
  it('are at least six, of every kind', () => {
    expect(tasks.length).toBeGreaterThanOrEqual(6);
    const layers = tasks.flatMap((task) => task.layers.map((layer) => JSON.stringify(layer)));
    for (const kind of ['Dense', 'Conv2D', 'LSTM', 'Embedding']) {
      expect(layers.some((layer) => layer.includes(`"${kind}"`))).toBe(true);
    }
    expect(tasks.some(({ loss }) => loss === 'meanSquaredError')).toBe(true);
  });

  it.each(tasks)('$name: the same seed gives the same data, finite and of every class', (task) => {
    const { generator, dataSeed, loss } = task;
    const [one, again, other] = [dataSeed, dataSeed, dataSeed + 1].map((seed) =>
      generate(generator, 200, seed),
    );
    expect(one).toEqual(again);
    expect(one?.features).not.toEqual(other?.features);
    expect(one?.features.every(Number.isFinite)).toBe(true);
    expect(one?.labels.every(Number.isFinite)).toBe(true);
    const classes = new Set(one?.labels);
    const [last] = task.layers.slice(-1).map((layer) => JSON.stringify(layer));
    if (loss === 'meanSquaredError') expect(classes.size).toBeGreaterThan(100);
    else expect(last).toContain(`"units":${classes.size}`);
  });

  it.each(tasks)('$name: what is committed belongs to it', async (task) => {
    const truth = await readTruth(task.name);
    // Not computed: the bench leaves it out, and says so.
    if (!truth) return;
    expect(truth.hash).toBe(taskHash(task));
    expect(task.learningRates).toContain(truth.learningRate);
  });

  it('are known by their truths for the most part, and some of them set no rule', async () => {
    const truths = await Promise.all(tasks.map(({ name }) => readTruth(name)));
    expect(truths.filter((truth) => truth !== null).length).toBeGreaterThan(tasks.length / 2);
    expect(tasks.filter(({ isCheck }) => isCheck).length).toBeGreaterThan(2);
  });

  it('are the same, whatever they are used for', () => {
    for (const task of tasks) expect(taskHash({ ...task, isCheck: true })).toBe(taskHash(task));
  });

  it('become workspaces that the extension reads', async () => {
    const [task] = tasks;
    if (!task) throw new Error('There is no task.');
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-tasks-'));
    try {
      const small = { ...task, count: 50 };
      const { configFile } = await writeWorkspace(small, 0.01, folder);
      const config = configSchema.parse(JSON.parse(await readFile(configFile, 'utf8')));
      expect(config.training.learningRate).toBe(0.01);
      const bytes = await readFile(path.join(path.dirname(configFile), config.data.train));
      const array = parseNpy(bytes, 'features.npy', { file: 'features.npy' });
      expect(array).toMatchObject({ shape: [50, 8] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the noise scale of the bench', () => {
  it('recovers a planted one', () => {
    const [gradient, noise, batch, n, samples] = [4, 1000, 32, 8, 1e9];
    // Expected squared norms: |g_i|² = |G|² + tr(Σ)/b, |mean|² = |G|² + tr(Σ)/(n·b).
    const step = {
      samples: 0,
      microbatchSize: batch,
      microbatches: n,
      meanSquaredNorm: gradient + noise / batch,
      squaredNormOfMean: gradient + noise / (n * batch),
    };
    expect(pooledNoiseScale([step, step], samples)).toBeCloseTo(noise / gradient, 3);
    expect(pooledNoiseScale([], samples)).toBeNull();
  });
});

describe('the memory check', () => {
  const peak = (batchSize: number) => Math.max(1e6 + 10 * batchSize, 4e5 + 4000 * batchSize);
  const sizes = [8, 16, 32, 64, 128, 256, 512, 1024].map((batchSize) => ({
    batchSize,
    peakBytes: peak(batchSize),
  }));

  it('finds no error where memory follows the model', () => {
    const { betweenError, beyondError } = leftOutErrors(sizes);
    expect(betweenError).toBeLessThan(1e-3);
    expect(beyondError).toBeLessThan(1e-3);
  });

  it('sees a size that breaks away', () => {
    const broken = sizes.map((size) =>
      size.batchSize === 1024 ? { ...size, peakBytes: 2 * size.peakBytes } : size,
    );
    expect(leftOutErrors(broken).beyondError).toBeGreaterThan(0.3);
  });
});
