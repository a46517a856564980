import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { predictedBytes } from '../../src/core/sweep/readings';
import { trialStatuses, type SweepResult } from '../../src/core/sweep/result';
import { tune } from '../../src/tuner/sweep';
import type { SweepOptions } from '../../src/tuner/sweepOptions';
import { buildWorker } from './buildWorker';
import { resultOf, sweepWith } from './runSweep';
import { denseLayers, endTrainers } from './trainer';

let worker: string;

beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(endTrainers);

const sweep = (parts: Parameters<typeof sweepWith>[1], options?: Partial<SweepOptions>) =>
  sweepWith(worker, parts, options);

describe('a sweep', () => {
  it('recommends a size it raced, tells the noise, and shows the result again', async () => {
    const first = await sweep({ layers: denseLayers, samples: 600 });
    const result = resultOf(first.outcome);
    const { recommendation, trials } = result;
    const raced = trials.filter(
      ({ batchSize, loss }) => batchSize === recommendation?.batchSize && loss.length >= 2,
    );
    expect(raced.length).toBeGreaterThan(0);
    for (const { status, loss } of trials) {
      expect(trialStatuses).toContain(status);
      if (status === 'ok') expect(loss.length).toBeGreaterThanOrEqual(2);
    }
    expect(trials.some(({ noise }) => noise.length > 0)).toBe(true);
    expect(result.cost.seconds).toBeLessThan(1.1 * 12);

    const config = configSchema.parse(JSON.parse(await readFile(first.configFile, 'utf8')));
    const again = await tune({
      config,
      configFile: first.configFile,
      root: path.dirname(first.configFile),
      backend: 'wasm',
      budgetSeconds: 12,
      reuse: true,
      trainer: { workerFile: worker, nodePath: process.execPath },
      onBusy: () => true,
      onEvent: () => undefined,
    });
    expect(resultOf(again).recommendation).toEqual(recommendation);
    expect(resultOf(again).cost).toEqual(result.cost);
    expect(resultOf(again).notes?.at(-1)?.id).toBe('resultReused');
  }, 60_000);

  it('reports sizes that diverge as such and recommends none of them', async () => {
    const { outcome } = await sweep({
      layers: denseLayers,
      training: { optimizer: 'sgd', learningRate: 1e6 },
      tuning: { batchSizes: [8, 16, 32] },
    });
    const { trials, recommendation, notes } = resultOf(outcome);
    expect(trials.map(({ status }) => status)).toContain('diverged');
    const diverged = trials.filter(({ status }) => status === 'diverged');
    expect(diverged.map(({ batchSize }) => batchSize)).not.toContain(recommendation?.batchSize);
    if (!recommendation) expect(notes?.map(({ id }) => id)).toContain('allDiverged');
  }, 60_000);

  it('survives a crash of the training process and goes on with other sizes', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-crash-'));
    // Ends as a native crash does when a trial of 64 begins, whichever process that is in.
    const crashing = path.join(folder, 'worker.js');
    await writeFile(
      crashing,
      `process.prependListener('message', (message) => {
         if (JSON.stringify(message).includes('"batchSize":64')) process.kill(process.pid, 'SIGSEGV');
       });
       require(${JSON.stringify(worker)});`,
    );
    const { outcome } = await sweep(
      { layers: denseLayers, samples: 400, tuning: { batchSizes: [16, 32, 64, 128] } },
      { trainer: { workerFile: crashing, nodePath: process.execPath } },
    );
    const { trials, recommendation } = resultOf(outcome);
    const crashed = trials.find(({ batchSize }) => batchSize === 64);
    expect(crashed?.status).toBe('failed');
    expect(crashed?.error?.text).toContain('SIGSEGV');
    expect(recommendation?.batchSize).toBeDefined();
    expect(recommendation?.batchSize).not.toBe(64);
  }, 60_000);

  it.skipIf(process.platform !== 'linux')(
    'finds what fits under a real limit of the process',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-limit-'));
      const limited = path.join(folder, 'node');
      const limit = bareNodeBytes() + 750_000_000;
      await writeFile(
        limited,
        `#!/bin/sh\nexec prlimit --data=${limit} "${process.execPath}" "$@"\n`,
      );
      await chmod(limited, 0o755);
      const wide = [
        { className: 'Dense', config: { units: 20_000, activation: 'relu' } },
        { className: 'Dense', config: { units: 2, activation: 'softmax' } },
      ];
      const { outcome } = await sweep(
        // Without a limit of ours near it: the system itself must refuse the largest.
        {
          layers: wide,
          samples: 6000,
          tuning: { batchSizes: [8, 16, 4096], memoryLimit: '64 GB' },
        },
        { trainer: { workerFile: worker, nodePath: limited }, budgetSeconds: 25 },
      );
      const { trials, recommendation } = resultOf(outcome);
      const large = trials.find(({ batchSize }) => batchSize === 4096);
      expect(large?.status).toBe('out-of-memory');
      expect(large?.error?.text).not.toContain('limit of 64');
      expect([8, 16]).toContain(recommendation?.batchSize);
    },
    90_000,
  );

  it('times the largest size that fits as warm as the others, though it was proven in a fresh process', async () => {
    const limits = await sweep(
      {
        layers: denseLayers,
        samples: 4000,
        tuning: { batchSizes: [64, 512, 1024] },
      },
      { budgetSeconds: 8 },
    );
    const { trials: free } = resultOf(limits.outcome);
    const bytesOf = (size: number) =>
      free.find(({ batchSize }) => batchSize === size)?.peakBytes ?? 0;
    const between = Math.floor((bytesOf(512) + bytesOf(1024)) / 2);
    const { outcome } = await sweep(
      { layers: denseLayers, samples: 4000, tuning: { memoryLimit: between } },
      { budgetSeconds: 40 },
    );
    const { trials, memoryModel } = resultOf(outcome);
    const stepMs = (size: number) =>
      trials.find(({ batchSize }) => batchSize === size)?.stepMs ?? Infinity;
    const largest = memoryModel?.largestBatchSize ?? 0;
    expect(largest).toBeGreaterThan(512);
    expect(largest).toBeLessThan(1024);
    // Twice the samples at most; cold it took five times as long and more.
    expect(stepMs(largest)).toBeLessThan(3 * stepMs(512));
    // What was only proven to fit was never warm: its first steps are no step time.
    const proven = trials.filter(({ batchSize }) => Math.log2(batchSize) % 1 !== 0);
    const timed = proven.filter((trial) => trial.stepMs !== null).map((trial) => trial.batchSize);
    expect(new Set(timed)).toEqual(new Set([largest]));
    // Whatever trained has a curve, though its weights went with its process.
    expect(trials.filter(({ status }) => status === 'skipped')).toEqual([]);
    expect(trials.find(({ batchSize }) => batchSize === largest)?.status).toBe('ok');
  }, 180_000);
});

const wide = [
  { className: 'Dense', config: { units: 64, activation: 'relu' } },
  { className: 'Dense', config: { units: 64, activation: 'relu' } },
  { className: 'Dense', config: { units: 2, activation: 'softmax' } },
];
const samples = 2500;
/** On a busy machine, too; a sweep that has its answer ends long before. */
const patient = { budgetSeconds: 100 };

/** A limit between what two sizes need, as a sweep without a limit tells it. */
async function limitBetween(fits: number, tooLarge: number, training: object): Promise<string> {
  const { outcome } = await sweepWith(
    worker,
    {
      layers: wide,
      samples,
      training,
      tuning: { batchSizes: [16, fits, tooLarge], objective: 'throughput' },
    },
    patient,
  );
  const model = resultOf(outcome).memoryModel;
  if (!model) throw new Error('no memory model');
  return `${Math.round((predictedBytes(model, fits) + predictedBytes(model, tooLarge)) / 2)} B`;
}

const accumulated = ({ trials }: SweepResult) =>
  trials.filter(({ gradientAccumulation }) => gradientAccumulation > 1);

describe('a configured size that does not fit', () => {
  const training = { batchSize: 1024, optimizer: 'sgd', epochs: 2 };

  it('is computed in parts that fit, and recommended where it is the first at the target', async () => {
    // At this rate small batches leap about and never settle; large ones do.
    const restless = { ...training, learningRate: 4 };
    const memoryLimit = await limitBetween(64, 1024, restless);
    const { outcome } = await sweepWith(
      worker,
      {
        layers: wide,
        samples,
        training: restless,
        tuning: {
          batchSizes: [4, 1024],
          memoryLimit,
          learningRateScaling: 'none',
          targetLoss: 0.2,
        },
      },
      patient,
    );
    const result = resultOf(outcome);
    expect(result.trials.find(({ id }) => id === '1024-1')?.status).toBe('out-of-memory');
    expect(accumulated(result)).toMatchObject([{ batchSize: 1024, status: 'ok' }]);
    expect(result.recommendation).toMatchObject({ batchSize: 1024, gradientAccumulation: 256 });
    expect(result.recommendation?.reasons.map(({ id }) => id)).toContain('accumulationNeeded');
  }, 240_000);

  it('is compared at equal epochs where quality is wanted', async () => {
    const gentle = { ...training, learningRate: 0.1 };
    const memoryLimit = await limitBetween(64, 1024, gentle);
    const { outcome } = await sweepWith(
      worker,
      {
        layers: wide,
        samples,
        training: gentle,
        tuning: { batchSizes: [16, 64, 1024], memoryLimit, objective: 'quality' },
      },
      patient,
    );
    const result = resultOf(outcome);
    expect(accumulated(result)).toMatchObject([
      { batchSize: 1024, status: 'ok', gradientAccumulation: 16, stopReason: 'epochs' },
    ]);
    const trained = result.trials.filter(({ status }) => status === 'ok');
    expect(trained.map(({ loss }) => loss.at(-1)?.epoch)).toEqual([2, 2, 2]);
    const best = trained.toSorted(
      (a, b) => (a.loss.at(-1)?.validation ?? 0) - (b.loss.at(-1)?.validation ?? 0),
    )[0];
    expect(result.recommendation?.batchSize).toBe(best?.batchSize);
  }, 240_000);
});

/** Data that this Node counts before it has done anything: 50 MB with release 20, 570 with 24 (Linux). */
function bareNodeBytes(): number {
  const read = "process.stdout.write(require('fs').readFileSync('/proc/self/status', 'utf8'))";
  const status = execFileSync(process.execPath, ['-e', read], { encoding: 'utf8' });
  return Number(/^VmData:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
