import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../../../src/trainer/backends/backend';
import { outputObjective } from '../../../../src/trainer/model/objective';
import { objectiveOf } from '../../../../src/trainer/model/objectives';
import { putOnDevice } from '../../../../src/trainer/training/deviceData';
import { seededRandom, withSeededRandom } from '../../../../src/trainer/random/seededRandom';
import { Trial, type Starts, type TrialSettings } from '../../../../src/trainer/training/trial';
import { TrialMemory } from '../../../../src/trainer/training/trialMemory';
import { loadWasm } from '../backends';

let device: Device;
let data: ReturnType<typeof putOnDevice>;
let dataBytes: number;

const settings: TrialSettings = {
  batchSize: 16,
  learningRate: 0.01,
  seed: 3,
  gradientAccumulation: 1,
  schedule: null,
};
const turn = { interrupted: () => false };

beforeAll(async () => {
  device = await loadWasm();
  const random = seededRandom(1);
  const samples = (count: number) => ({
    count,
    features: Float32Array.from({ length: count * 72 }, () => random() - 0.5),
    labels: Float32Array.from({ length: count }, () => Math.floor(random() * 3)),
  });
  const before = device.meter.liveBytes();
  data = putOnDevice({
    sampleShape: [6, 6, 2],
    labelShape: [],
    train: samples(100),
    validation: samples(30),
    classes: ['a', 'b', 'c'],
    contentHash: '',
  });
  dataBytes = device.meter.liveBytes() - before;
});

function newTrial(
  limitBytes: number | null,
  changes: Partial<TrialSettings> = {},
  starts?: Starts,
): Trial {
  const model = withSeededRandom(1, () =>
    sequential({
      layers: [
        layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.batchNormalization(),
        layers.flatten(),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 3, activation: 'softmax', kernelRegularizer: 'l1l2' }),
      ],
    }),
  );
  const trainable = {
    model,
    optimizer: tf.train.adam(0.01),
    ...objectiveOf(outputObjective('sparseCategoricalCrossentropy')),
  };
  const memory = new TrialMemory(device.meter, dataBytes, limitBytes);
  const all = { ...settings, ...changes };
  return new Trial(trainable, data, all, device.meter, memory, undefined, starts);
}

describe('a trial', () => {
  it('holds the same tensors and bytes after every step, and none once disposed of', async () => {
    const empty = { tensors: tf.memory().numTensors, bytes: device.meter.liveBytes() };
    const trial = newTrial(null, { gradientAccumulation: 2 });
    await trial.advance(3, 10, turn);
    const held = { tensors: tf.memory().numTensors, bytes: device.meter.liveBytes() };
    const request = { microbatchSize: 8, microbatches: 3, steps: 2 };
    for (let round = 0; round < 3; round++) {
      await trial.advance(9, 10, turn);
      await trial.evaluate(turn);
      await trial.measureNoise(request, turn);
      expect({ tensors: tf.memory().numTensors, bytes: device.meter.liveBytes() }).toEqual(held);
    }
    trial.dispose();
    expect({ tensors: tf.memory().numTensors, bytes: device.meter.liveBytes() }).toEqual(empty);
  });

  it('moves the averages of batch normalization in training, and only then', async () => {
    const trial = newTrial(null);
    const averages = () =>
      tf.tidy(() =>
        Object.entries(tf.engine().registeredVariables)
          .filter(([name]) => name.includes('moving_mean'))
          .flatMap(([, variable]) => Array.from(variable.dataSync())),
      );
    const start = averages();
    await trial.advance(5, 10, turn);
    const trained = averages();
    expect(trained).not.toEqual(start);
    await trial.evaluate(turn);
    await trial.measureNoise({ microbatchSize: 8, microbatches: 3, steps: 2 }, turn);
    expect(averages()).toEqual(trained);
    trial.dispose();
  });

  it('leaves no activations behind wherever memory ends', async () => {
    const free = newTrial(null);
    const { peakBytes } = await free.advance(1, 10, turn);
    free.dispose();
    const empty = { tensors: tf.memory().numTensors, bytes: device.meter.liveBytes() };
    // From nearly nothing to nearly enough, so that every phase of a step fails once.
    for (let share = 0.3; share < 1; share += 0.07) {
      const limit = Math.floor(dataBytes + ((peakBytes ?? 0) - dataBytes) * share);
      const trial = newTrial(limit);
      const advanced = await trial.advance(5, 10, turn);
      trial.dispose();
      expect(advanced.status).toBe('out-of-memory');
      expect(tf.memory().numTensors - empty.tensors).toBe(0);
      expect(device.meter.liveBytes() - empty.bytes).toBeLessThan((peakBytes ?? 0) / 20);
    }
  });

  it('measures the loss before training once for all trials of a seed', async () => {
    const starts: Starts = new Map();
    const first = newTrial(null, {}, starts);
    await first.advance(1, 10, turn);
    first.dispose();
    expect([...starts.keys()]).toEqual([settings.seed]);
    // A loss that no training stays below shows that it is taken from there.
    const start = { loss: -100, standardError: 0, samples: 100 };
    const second = newTrial(null, {}, new Map([[settings.seed, start]]));
    expect(await second.advance(60, 60, turn)).toMatchObject({ status: 'diverged' });
    second.dispose();
  });

  it('does not take data that are sorted by their target for divergence', async () => {
    const samples = (count: number) => ({
      count,
      features: new Float32Array(count).fill(1),
      // The first quarter has next to no loss; the rest has one that slow training hardly lowers.
      labels: Float32Array.from({ length: count }, (_, index) => (4 * index < count ? 0 : 5)),
    });
    const sorted = putOnDevice({
      sampleShape: [1],
      labelShape: [],
      train: samples(2048),
      validation: samples(64),
      classes: null,
      contentHash: '',
    });
    const model = sequential({
      layers: [layers.dense({ inputShape: [1], units: 1, kernelInitializer: 'zeros' })],
    });
    const trainable = {
      model,
      optimizer: tf.train.sgd(1e-6),
      ...objectiveOf(outputObjective('meanSquaredError')),
    };
    const memory = new TrialMemory(device.meter, dataBytes, null);
    const trial = new Trial(trainable, sorted, settings, device.meter, memory);
    const advanced = await trial.advance(600, 60, turn);
    expect(advanced).toMatchObject({ status: 'ok', detail: null, iterations: 600 });
    trial.dispose();
  });
});
