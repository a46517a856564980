import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema';
import { trialStatuses, type SweepResult } from '../../src/core/result';
import type { SweepEvent } from '../../src/core/sweepEvent';
import { tune, type SweepOptions, type SweepOutcome } from '../../src/tuner/sweep';
import { buildWorker } from './buildWorker';
import { denseLayers, endTrainers, makeWorkspace } from './trainer';

let worker: string;

beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(endTrainers);

/** Tunes a small workspace on WASM in a few seconds. */
async function sweep(
  parts: Parameters<typeof makeWorkspace>[0] & { readonly tuning?: object },
  options: Partial<SweepOptions> = {},
): Promise<{ outcome: SweepOutcome; events: SweepEvent[]; configFile: string }> {
  const workspace = await makeWorkspace(parts);
  const events: SweepEvent[] = [];
  const outcome = await tune({
    config: configSchema.parse({ ...workspace.config, tuning: parts.tuning ?? {} }),
    configFile: workspace.configFile,
    root: workspace.root,
    backend: 'wasm',
    budgetSeconds: 12,
    trainer: { workerFile: worker, nodePath: process.execPath },
    onBusy: () => true,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { outcome, events, configFile: workspace.configFile };
}

function resultOf(outcome: SweepOutcome): SweepResult {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

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
      await writeFile(
        limited,
        `#!/bin/sh\nexec prlimit --data=800000000 "${process.execPath}" "$@"\n`,
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
});
