import { afterAll, beforeAll, expect, it } from 'vitest';
import { noiseScale } from '../../src/planner/measure/noise';
import { buildWorker } from './buildWorker';
import { begin, denseLayers, endTrainers, load, makeWorkspace, startTrainer } from './trainer';

let worker: string;

beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(endTrainers);

it('the noise scale of a real model is within 25% of that from per-sample gradients', async () => {
  const workspace = await makeWorkspace({
    layers: denseLayers,
    samples: 300,
    training: { optimizer: 'sgd' },
  });
  const trainer = await startTrainer(worker);
  const { dataset } = await load(trainer, workspace, 'wasm');
  await begin(trainer, { trial: 'a', learningRate: 0.05 });
  await trainer.client.call('advance', { trial: 'a', iterations: 4, maxSeconds: 30 });
  const measure = (microbatchSize: number, microbatches: number, steps: number) =>
    trainer.client.call('measureNoise', { trial: 'a', microbatchSize, microbatches, steps });

  // Every sample of an epoch by itself: |G|² and the mean |g|² are those of the data set.
  const { samples } = dataset;
  const exact = (await measure(1, samples, 1)).steps[0];
  if (!exact) throw new Error('nothing was measured');
  const { meanSquaredNorm, squaredNormOfMean } = exact;
  const trace = ((meanSquaredNorm - squaredNormOfMean) * samples) / (samples - 1);
  const truth = trace / squaredNormOfMean;

  const { steps } = await measure(4, 8, 60);
  const estimate = noiseScale(steps, samples);
  if (!estimate) throw new Error('the noise drowned the gradient');
  expect(Math.abs(estimate.value / truth - 1)).toBeLessThan(0.25);
  expect(estimate.low).toBeLessThan(truth * 1.1);
  expect(estimate.high).toBeGreaterThan(truth * 0.9);
}, 60_000);
