import { sweepResultSchema, type SweepResult, type Trial } from '../../../../src/core/sweep/result';

function trial(batchSize: number, changes: Partial<Trial>): Record<string, unknown> {
  return {
    id: `${batchSize}-1`,
    batchSize,
    phase: 'race',
    seed: 42,
    status: 'ok',
    stopReason: null,
    stepMs: null,
    stepMsInterval: null,
    samplesPerSecond: null,
    peakBytes: null,
    memory: null,
    iterations: 400,
    learningRate: 0.001,
    gradientAccumulation: 1,
    schedule: null,
    gradientNoiseScale: null,
    noise: [],
    loss: [],
    timeToTargetSeconds: null,
    timeToTargetInterval: null,
    predictedTimeToTargetSeconds: null,
    evaluationSeconds: 0,
    error: null,
    ...changes,
  };
}

/** A result as a sweep writes it: 32 was configured, 256 is recommended, 1024 did not fit. */
export const measuredResult: SweepResult = sweepResultSchema.parse({
  formatVersion: 1,
  config: 'batchwise.json',
  seed: 42,
  modelType: 'cnn',
  backend: { name: 'wasm', device: 'Some CPU', software: false, versions: {} },
  dataset: { samples: 1437, validationSamples: 360, features: [8, 8, 1], classes: 10 },
  target: { metric: 'loss', value: 0.3, source: 'pilot' },
  probe: null,
  trials: [
    trial(32, {
      stepMs: 3.2,
      samplesPerSecond: 10_000,
      peakBytes: 81_788_928,
      timeToTargetSeconds: 1.92,
    }),
    trial(256, {
      stepMs: 8.53,
      samplesPerSecond: 30_000,
      peakBytes: 310_000_000,
      timeToTargetSeconds: 0.8,
      learningRate: 0.0028,
    }),
    trial(1024, { status: 'out-of-memory' }),
  ],
  memoryModel: {
    updateBytes: [1, 1],
    activationBytes: [1, 1],
    limitBytes: 4e9,
    largestBatchSize: 512,
  },
  recommendation: {
    batchSize: 256,
    learningRate: 0.0028,
    gradientAccumulation: 1,
    iterationsPerEpoch: 6,
    reasons: [],
    alternatives: [],
    schedule: null,
  },
  cost: { seconds: 41.2, samplesTrained: 120_000 },
});
