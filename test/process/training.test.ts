import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Advanced } from '../../src/protocol/trainer';
import { buildWorker } from './buildWorker';
import {
  begin,
  denseLayers,
  endTrainers,
  load,
  makeWorkspace,
  startTrainer,
  type BeginOptions,
  type RunningTrainer,
} from './trainer';

let worker: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let dropoutWorkspace: typeof workspace;

beforeAll(async () => {
  worker = await buildWorker();
  workspace = await makeWorkspace({ layers: denseLayers });
  dropoutWorkspace = await makeWorkspace({
    layers: [
      { className: 'Dense', config: { units: 16, activation: 'relu' } },
      { className: 'BatchNormalization', config: {} },
      { className: 'Dropout', config: { rate: 0.3, seed: 7 } },
      { className: 'Dense', config: { units: 2, activation: 'softmax' } },
    ],
  });
});
afterAll(endTrainers);

async function started(
  where = workspace,
  backend: 'auto' | 'wasm' | 'cpu' = 'wasm',
): Promise<RunningTrainer> {
  const trainer = await startTrainer(worker);
  await load(trainer, where, backend);
  return trainer;
}

const advance = (
  { client }: RunningTrainer,
  iterations: number,
  trial = 'a',
  maxSeconds = 20,
): Promise<Advanced> => client.call('advance', { trial, iterations, maxSeconds });

/** Training and validation losses after every few updates of a trial begun like this. */
async function curve(trainer: RunningTrainer, options: BeginOptions, points = 6) {
  const trial = options.trial ?? 'a';
  await begin(trainer, { ...options, trial });
  const losses: number[] = [];
  for (let point = 0; point < points; point++) {
    const advanced = await advance(trainer, 5, trial);
    const evaluated = await trainer.client.call('evaluate', { trial });
    losses.push(advanced.trainLoss ?? NaN, evaluated.loss ?? NaN);
  }
  await trainer.client.call('end', { trial });
  return losses;
}

describe('a trial', () => {
  it('learns, and reports what it did', async () => {
    const trainer = await started();
    await begin(trainer, { batchSize: 32 });
    const before = await trainer.client.call('evaluate', { trial: 'a' });
    const advanced = await advance(trainer, 200);
    const after = await trainer.client.call('evaluate', { trial: 'a' });
    // 200 training samples: six full batches of 32 and one of 8 make an epoch of 7 updates.
    expect(advanced).toMatchObject({ status: 'ok', iterations: 200, samples: 28 * 200 + 4 * 32 });
    expect(advanced.epoch).toBeCloseTo(28 + (4 * 32) / 200, 6);
    expect(advanced.blocks.length).toBeGreaterThan(3);
    const timed = advanced.blocks.reduce((sum, { iterations }) => sum + iterations, 0);
    expect(timed).toBeLessThanOrEqual(28 * 6 + 4);
    expect(after.loss).toBeLessThan((before.loss ?? NaN) / 2);
    expect(after.accuracy).toBeGreaterThan(0.9);
    expect(after.lossStandardError).toBeGreaterThan(0);
    // 4·16 + 16 + 16·2 + 2 weights of 4 bytes; Adam keeps two more of each.
    expect(advanced.memory).toMatchObject({ parameters: 456, gradients: 456, data: 250 * 5 * 4 });
    expect(advanced.memory.optimizer).toBeGreaterThanOrEqual(2 * 456);
    expect(advanced.peakBytes).toBeGreaterThan(456 * 4 + 250 * 5 * 4);
  });

  it('gives equal losses for equal seeds, with dropout and batch normalization too', async () => {
    const [first, second] = await Promise.all([
      started(dropoutWorkspace),
      started(dropoutWorkspace),
    ]);
    const losses = await curve(first, { seed: 5 });
    expect(await curve(second, { seed: 5 })).toEqual(losses);
    expect(await curve(second, { seed: 5, trial: 'again' })).toEqual(losses);
    expect(await curve(second, { seed: 6, trial: 'other' })).not.toEqual(losses);
  });

  it('is not changed by another that trains in turns with it, nor by measuring noise', async () => {
    const trainer = await started(dropoutWorkspace);
    const alone = await curve(trainer, { seed: 5 }, 3);
    await begin(trainer, { seed: 5, trial: 'x' });
    await begin(trainer, { seed: 9, trial: 'y', batchSize: 8 });
    const losses: number[] = [];
    for (let point = 0; point < 3; point++) {
      await advance(trainer, 3, 'y');
      const { trainLoss } = await advance(trainer, 5, 'x');
      const noise = await trainer.client.call('measureNoise', {
        trial: 'x',
        microbatchSize: 8,
        microbatches: 4,
        steps: 2,
      });
      expect(noise.steps).toHaveLength(2);
      for (const { meanSquaredNorm, squaredNormOfMean } of noise.steps) {
        expect(squaredNormOfMean).toBeGreaterThan(0);
        expect(meanSquaredNorm).toBeGreaterThanOrEqual(squaredNormOfMean);
      }
      const { loss } = await trainer.client.call('evaluate', { trial: 'x' });
      losses.push(trainLoss ?? NaN, loss ?? NaN);
    }
    expect(losses).toEqual(alone);
  });

  it('comes out on WASM as on the CPU backend', async () => {
    const [wasm, cpu] = await Promise.all([started(workspace, 'wasm'), started(workspace, 'cpu')]);
    const expected = await curve(cpu, {});
    (await curve(wasm, {})).forEach((loss, index) => {
      expect(Math.abs(loss - (expected[index] ?? NaN))).toBeLessThan(1e-3);
    });
  });

  it('takes the same steps when gradients are accumulated over microbatches', async () => {
    const trainer = await started();
    const whole = await curve(trainer, { batchSize: 48 });
    // 48 in four parts of 12; the last batch of an epoch, 8, in four of 2.
    const parts = await curve(trainer, { batchSize: 48, gradientAccumulation: 4, trial: 'parts' });
    parts.forEach((loss, index) => {
      expect(Math.abs(loss - (whole[index] ?? NaN))).toBeLessThan(1e-4);
    });
  });

  it('changes its batch size and learning rate where the schedule says', async () => {
    const trainer = await started();
    const schedule = [
      { epoch: 0, batchSize: 20, learningRate: 0.01 },
      { epoch: 2, batchSize: 100, learningRate: 0.02 },
    ];
    await begin(trainer, { batchSize: 20, schedule });
    // Two epochs of 10 updates, then epochs of 2.
    expect(await advance(trainer, 20)).toMatchObject({ epoch: 2, samples: 400 });
    expect(await advance(trainer, 4)).toMatchObject({ epoch: 4, samples: 800 });
  });

  it('diverges as a result, not as an error', async () => {
    const trainer = await started();
    await begin(trainer, { learningRate: 1e6, batchSize: 8 });
    const advanced = await advance(trainer, 2000);
    expect(advanced.status).toBe('diverged');
    expect(advanced.detail).toMatch(/^causeLoss/);
    expect(await advance(trainer, 10)).toMatchObject({
      status: 'diverged',
      iterations: advanced.iterations,
    });
  });

  it('ends at its limit of bytes, and leaves nothing behind', async () => {
    const trainer = await started();
    const peak = async (trial: string, limitBytes: number | null) => {
      await begin(trainer, { trial, batchSize: 200, limitBytes });
      const advanced = await advance(trainer, 5, trial);
      await trainer.client.call('end', { trial });
      return advanced;
    };
    const free = await peak('free', null);
    const limited = await peak('limited', (free.peakBytes ?? NaN) - 1000);
    expect(limited).toMatchObject({ status: 'out-of-memory', iterations: 0 });
    expect(limited.detail).toMatch(/limit/);
    const fitting = await peak('fitting', free.peakBytes);
    expect(fitting).toMatchObject({ status: 'ok', peakBytes: free.peakBytes });
    expect(fitting.trainLoss).toBe(free.trainLoss);
  });

  it('ends an advance when it is interrupted or its time is up', async () => {
    const trainer = await started();
    await begin(trainer);
    // Hours of work: the test's own limit of time is far above both ends.
    const long = advance(trainer, 1e9, 'a', 1e6);
    await trainer.client.call('interrupt', {});
    const interrupted = await long;
    expect(interrupted.status).toBe('ok');
    expect(interrupted.iterations).toBeLessThan(1e9);
    const timed = await advance(trainer, 1e9, 'a', 0.3);
    expect(timed.status).toBe('ok');
    expect(timed.iterations).toBeGreaterThan(interrupted.iterations);
    expect(timed.iterations).toBeLessThan(1e9);
    expect(timed.wallMs).toBeGreaterThanOrEqual(300);
  });
});
