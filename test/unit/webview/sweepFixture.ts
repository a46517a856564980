import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { LossPoint, SweepResult, Trial } from '../../../src/core/sweep/result';
import { seconds } from '../../../src/core/text/valueText';

/**
 * A sweep as a real one could have gone: ten sizes of which small ones are stopped early, one
 * diverges and one runs out of memory. Times follow t(B) = max(floor, a + b·B) and S = S0·(1 + φ/B),
 * noise is seeded. Bytes, milliseconds and seconds as in src/core/sweep/result.ts.
 */
const samples = 11_500;
const target = 0.3;
const sizes = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const floorMs = 1.1;
const aMs = 0.9;
const bMs = 0.011;
const limitBytes = 512e6;

const stepMs = (size: number) => Math.max(floorMs, aMs + bMs * size);
const iterationsToTarget = (size: number) => 260 * (1 + 240 / size);
const learningRate = (size: number) => 0.001 * Math.sqrt(size / 32);
const dataBytes = samples * 784 * 4;
const parameters = 1_690_000;

function memoryOf(size: number): NonNullable<Trial['memory']> {
  return {
    data: dataBytes,
    parameters,
    optimizer: 2 * parameters,
    gradients: parameters,
    activations: 148_000 * size,
  };
}

const peakOf = (size: number) =>
  Math.max(dataBytes + 4 * parameters + 5e6, dataBytes + 3.1e6 + 149_500 * size);

/** mulberry32: small and good enough for noise in a fixture. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function curve(size: number, untilSeconds: number, diverges: boolean): LossPoint[] {
  const next = random(size);
  const rate = Math.LN10 / iterationsToTarget(size);
  const points: LossPoint[] = [];
  const every = Math.max(1, Math.round(1600 / size));
  for (let iteration = every; points.length < 80; iteration += every) {
    const seconds = (iteration * stepMs(size)) / 1000;
    const noise = 1 + (next() - 0.5) * (0.5 / Math.sqrt(size));
    const falling = 0.075 + 2.24 * Math.exp(-rate * iteration);
    const loss = diverges ? 2.3 * 1.6 ** points.length : falling;
    points.push({
      iteration,
      epoch: (iteration * size) / samples,
      seconds,
      train: loss * 0.96 * (1 + (next() - 0.5) * 0.06),
      validation: loss * noise,
      accuracy: diverges ? 0.1 : Math.max(0.1, 1 - falling / 2.5),
    });
    if (seconds >= untilSeconds || (diverges && points.length >= 6)) break;
  }
  return points;
}

function trialOf(size: number): Trial {
  const best = Math.min(
    ...sizes.slice(0, 8).map((b) => (iterationsToTarget(b) * stepMs(b)) / 1000),
  );
  const toTarget = (iterationsToTarget(size) * stepMs(size)) / 1000;
  const outOfMemory = peakOf(size) > limitBytes;
  const diverged = size === 2048 && !outOfMemory;
  const reached = !outOfMemory && !diverged && toTarget <= best * 4;
  const loss = outOfMemory ? [] : curve(size, reached ? toTarget : best * 4, diverged);
  const ms = stepMs(size) * (1 + 0.03 * Math.sin(size));
  return {
    id: `${size}-1`,
    batchSize: size,
    phase: 'race',
    seed: 42,
    status: outOfMemory ? 'out-of-memory' : diverged ? 'diverged' : 'ok',
    stopReason: reached
      ? 'reached target'
      : outOfMemory || diverged
        ? null
        : 'slower than the best',
    stepMs: outOfMemory ? null : ms,
    stepMsInterval: outOfMemory ? null : [ms * 0.96, ms * 1.05],
    samplesPerSecond: outOfMemory ? null : (size * 1000) / ms,
    peakBytes: outOfMemory ? null : Math.round(peakOf(size)),
    processPeakBytes: null,
    memory: outOfMemory ? null : memoryOf(size),
    iterations: loss.at(-1)?.iteration ?? 0,
    learningRate: learningRate(size),
    gradientAccumulation: 1,
    schedule: null,
    gradientNoiseScale: 240,
    noise: [],
    loss,
    timeToTargetSeconds: reached ? toTarget : null,
    timeToTargetInterval: reached ? [toTarget * 0.93, toTarget * 1.08] : null,
    predictedTimeToTargetSeconds: outOfMemory ? null : toTarget * (1 + 0.05 * Math.cos(size)),
    evaluationSeconds: 0.3,
    error: outOfMemory
      ? { id: 'workerDied', values: { cause: 'out of memory' }, text: 'Out of memory.' }
      : null,
  };
}

function resultOf(trials: readonly Trial[]): SweepResult {
  const best = trials
    .filter(({ timeToTargetSeconds }) => timeToTargetSeconds !== null)
    .reduce((a, b) => ((b.timeToTargetSeconds ?? 0) < (a.timeToTargetSeconds ?? 0) ? b : a));
  const configured = trials.find(({ batchSize }) => batchSize === 32);
  const times = (configured?.timeToTargetSeconds ?? 1) / (best.timeToTargetSeconds ?? 1);
  return {
    formatVersion: 1,
    config: 'batchwise.json',
    seed: 42,
    finishedAt: '2026-03-01T10:00:41Z',
    objective: 'time',
    modelType: 'cnn',
    backend: {
      name: 'wasm',
      device: 'Intel Xeon E5-2686',
      software: false,
      versions: { tfjs: '4.22.0', node: '24.1.0' },
      skipped: [],
    },
    dataset: { samples, validationSamples: 2875, features: [28, 28, 1], classes: 10 },
    configured: { batchSize: 32, learningRate: 0.001, epochs: 10 },
    target: { metric: 'loss', value: target, source: 'pilot' },
    probe: { stopReason: 'memory', stepFit: { floorMs, aMs, bMs, r2: 0.99 } },
    trials: [...trials],
    memoryModel: {
      updateBytes: [dataBytes + 4 * parameters + 5e6, 0],
      activationBytes: [dataBytes + 3.1e6, 149_500],
      limitBytes,
      largestBatchSize: 3148,
    },
    recommendation: {
      batchSize: best.batchSize,
      learningRate: best.learningRate,
      gradientAccumulation: 1,
      iterationsPerEpoch: Math.ceil(samples / best.batchSize),
      reasons: [
        {
          id: 'fastestToTarget',
          values: {
            batchSize: best.batchSize,
            metric: 'loss',
            target,
            seconds: seconds(best.timeToTargetSeconds ?? 0),
            times,
            comparedTo: 32,
          },
          text: 'English, for those who do not know the id.',
        },
        {
          id: 'memoryOfLimit',
          values: { memory: '74.6 MB', limit: '512 MB' },
          text: 'English, for those who do not know the id.',
        },
        {
          id: 'updatesChange',
          values: { iterations: Math.ceil(samples / best.batchSize), comparedTo: 360 },
          text: 'English, for those who do not know the id.',
        },
      ],
      alternatives: [
        { objective: 'throughput', batchSize: 1024, learningRate: null },
        { objective: 'quality', batchSize: 128, learningRate: null },
        { objective: 'memory', batchSize: 128, learningRate: null },
      ],
      schedule: null,
    },
    cost: { seconds: 41.2, samplesTrained: 1_204_000 },
  };
}

const prediction = (seconds: number, fraction: number, size: number): SweepEvent => ({
  type: 'progress',
  text: {
    id: 'progressTraining',
    values: { batchSize: size },
    text: `Training with batch size ${size}`,
  },
  fraction,
  secondsLeft: seconds,
});

/** The events of a whole sweep, in order. */
export function sweepEvents(): SweepEvent[] {
  const trials = sizes.map(trialOf);
  const result = resultOf(trials);
  const events: SweepEvent[] = [
    {
      type: 'started',
      formatVersion: 1,
      sweepId: 'fixture',
      at: '2026-03-01T10:00:00Z',
      config: 'batchwise.json',
      seed: 42,
      objective: 'time',
      batchSizes: sizes,
      budgetSeconds: 120,
      configured: { batchSize: 32, learningRate: 0.001, epochs: 10 },
      fingerprint: 'fixture',
      pid: 1,
    },
    {
      type: 'prepared',
      modelType: result.modelType,
      backend: result.backend,
      dataset: result.dataset,
      limitBytes,
    },
    { type: 'target', target: { metric: 'loss', value: target, source: 'pilot' } },
  ];
  trials.forEach((trial, index) => {
    const { id, batchSize, phase } = trial;
    events.push(prediction(41 - index * 4, index / trials.length, batchSize));
    events.push({ type: 'trialStarted', id, batchSize, phase, learningRate: trial.learningRate });
    for (const point of trial.loss) events.push({ type: 'lossPoint', id, point });
    events.push({ type: 'trialFinished', trial });
  });
  if (result.probe) events.push({ type: 'probeFinished', ...result.probe });
  if (result.memoryModel) events.push({ type: 'memoryModel', memoryModel: result.memoryModel });
  events.push({ type: 'recommended', recommendation: result.recommendation });
  events.push({ type: 'finished', result });
  return events;
}

/** The same sweep cut off while a trial trains: `share` of its events. */
export function partOfSweep(share: number): SweepEvent[] {
  const events = sweepEvents();
  return events.slice(0, Math.floor(events.length * share));
}
