import { createHash } from 'node:crypto';
import { open, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorker } from './buildWorker';
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

const limited = (workspace: Awaited<ReturnType<typeof makeWorkspace>>, memoryLimit: string) => ({
  ...workspace,
  config: { ...workspace.config, tuning: { memoryLimit } },
});

/** Trains for some updates of each kind and tells every number that came of it. */
async function train(trainer: RunningTrainer, trial: string, batchSize: number) {
  await begin(trainer, { trial, batchSize });
  const numbers = [];
  for (let round = 0; round < 3; round++) {
    const advanced = await trainer.client.call('advance', {
      trial,
      iterations: 13,
      maxSeconds: 60,
    });
    const evaluated = await trainer.client.call('evaluate', { trial });
    const request = { trial, microbatchSize: 16, microbatches: 3, steps: 2 };
    const { steps } = await trainer.client.call('measureNoise', request);
    const { status, trainLoss, epoch } = advanced;
    // Blocks of steps are timed, so their means are summed up in one order or another.
    const loss = Math.fround(trainLoss ?? NaN);
    numbers.push({
      status,
      epoch,
      loss,
      validation: evaluated.loss,
      accuracy: evaluated.accuracy,
      steps,
    });
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
});
