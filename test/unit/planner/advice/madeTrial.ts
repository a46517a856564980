import { trialSchema, type Trial } from '../../../../src/core/sweep/result';

/** A trial of a race, trained for two epochs, with what a test changes of it. */
export function madeTrial(batchSize: number, changes: Partial<Trial> = {}): Trial {
  const seconds = changes.timeToTargetSeconds ?? 1;
  return trialSchema.parse({
    id: `${batchSize}-1`,
    batchSize,
    phase: 'race',
    seed: 42,
    status: 'ok',
    stopReason: null,
    stepMs: 1,
    stepMsInterval: null,
    samplesPerSecond: 1000 * batchSize,
    peakBytes: 1000 * batchSize,
    memory: null,
    iterations: 100,
    learningRate: 0.001,
    gradientAccumulation: 1,
    schedule: null,
    gradientNoiseScale: null,
    noise: [],
    loss: [1, 2].map((epoch) => ({
      iteration: epoch * 10,
      epoch,
      seconds: epoch * seconds,
      train: 1,
      validation: 1 / epoch,
      accuracy: null,
    })),
    timeToTargetSeconds: null,
    timeToTargetInterval: null,
    predictedTimeToTargetSeconds: null,
    evaluationSeconds: 0,
    error: null,
    ...changes,
  });
}
