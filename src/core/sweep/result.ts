import * as z from 'zod';
import { confidenceSchema } from './confidence';

/**
 * The result document (`latest.json`, `batchwise tune --json`). Other programs read it: fields may
 * be added, never renamed or given another meaning without a new `formatVersion`.
 * Units: bytes; milliseconds in `*Ms`; seconds in `*Seconds`. What was not measured is null.
 */

const positive = z.number().positive();
const count = z.number().int().nonnegative();
const interval = z.tuple([z.number(), z.number()]);

/** A point of a trial's loss curve; `train` is the mean training loss since the previous point. */
export const lossPointSchema = z.object({
  iteration: count,
  epoch: z.number().nonnegative(),
  /** Updates times step time: evaluation, logging and compilation are excluded. */
  seconds: z.number().nonnegative(),
  train: z.number().nullable(),
  validation: z.number().nullable(),
  /** Validation accuracy, 0..1; null for regression. */
  accuracy: z.number().nullable().default(null),
  /** On validation data, the metrics that the model was compiled with; null where one is not defined. */
  metrics: z.record(z.string(), z.number().nullable()).optional(),
});

export const noisePointSchema = z.object({
  samples: count,
  value: z.number(),
  low: z.number(),
  high: z.number(),
  /** True with batch normalization, whose statistics are those of the microbatches. */
  approximate: z.boolean().optional(),
});

/** A batch size that changes while a model trains: from `epoch` on, use `batchSize`. */
export const scheduleSchema = z.array(
  z.object({ epoch: z.number().nonnegative(), batchSize: count, learningRate: positive }),
);

export const trialStatuses = ['ok', 'out-of-memory', 'diverged', 'failed', 'skipped'] as const;
export const trialPhases = ['probe', 'race', 'exhaustive'] as const;

/** What a trial was last trained for. */
export const trialPurposes = [
  /** Step time and memory. */
  'probe',
  /** To set the target. */
  'pilot',
  /** To the target against other sizes, or for equal epochs. */
  'race',
  /** As a race, with another seed. */
  'repeat',
  /** As a race, at half or twice the learning rate. */
  'half-rate',
  'twice-rate',
  /** A size that does not fit, computed in parts. */
  'accumulated',
  /** A batch size that grows. */
  'schedule',
  /** To the target, without early stop. */
  'exhaustive',
] as const;

/** Why a trial ended or rests; the last three repeat its status. */
export const stopReasons = [
  'probed',
  'paused',
  'plateau',
  'epochs',
  'reached target',
  'slower than the best',
  'behind the best',
  'overtaken',
  'budget',
  'out-of-memory',
  'diverged',
  'failed',
] as const;

/** Why the climb over the sizes ended: at the list's or the data set's end, or before it. */
export type ProbeStop = 'dataset' | 'list' | 'memory' | 'saturated' | 'budget';

export const textSchema = z.object({
  id: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The English sentence. */
  text: z.string(),
});

/** One batch size measured. */
export const trialSchema = z.object({
  /** `<batch size>-<attempt>`, unique in a sweep. */
  id: z.string(),
  batchSize: count,
  phase: z.enum(trialPhases),
  /** Left out by sweeps before it was recorded. */
  purpose: z.enum(trialPurposes).optional().catch(undefined),
  seed: z.number().int(),
  status: z.enum(trialStatuses),
  /** One of `stopReasons`; other versions may write others. */
  stopReason: z.string().nullable(),
  /** Device work of one update at full batch size; the interval is a 95% one. */
  stepMs: positive.nullable(),
  stepMsInterval: interval.nullable(),
  /** True where steps were still getting faster when the time for timing was over. */
  stillWarmingUp: z.boolean().optional(),
  /** Batch size over step time, evaluation excluded. */
  samplesPerSecond: positive.nullable(),
  /** Peak of device bytes held, data set and evaluation included. */
  peakBytes: count.nullable(),
  /** Peak resident set of the worker process; it never shrinks within one worker. */
  processPeakBytes: count.nullable().default(null),
  memory: z
    .object({
      parameters: count,
      optimizer: count,
      gradients: count,
      activations: count,
      /** The data set's tensors on the device. */
      data: count.default(0),
    })
    .nullable(),
  iterations: count,
  learningRate: positive,
  gradientAccumulation: z.number().int().positive(),
  schedule: scheduleSchema.nullable(),
  /** Over all of the training in which it was measured; `noise` is how it went. See noiseScale. */
  gradientNoiseScale: z.number().nullable(),
  noise: z.array(noisePointSchema),
  loss: z.array(lossPointSchema),
  timeToTargetSeconds: z.number().nonnegative().nullable(),
  timeToTargetInterval: interval.nullable(),
  predictedTimeToTargetSeconds: z.number().nonnegative().nullable(),
  evaluationSeconds: z.number().nonnegative(),
  error: textSchema.nullable(),
});

/** How steps are timed: see the time on the processor in docs/sweep.md. */
const timingSchema = z.object({
  /** By what the thread that computes ran on the processor, or by the wall clock. */
  clock: z.enum(['processor', 'wall']),
  /** Share of the time in which the work was ready to run, but had to wait; null where it is not known. */
  waitingShare: z.number().min(0).max(1).nullable(),
});

export const modelTypes = ['cnn', 'rnn', 'attention', 'dense', 'mixed'] as const;
export const objectives = ['time', 'throughput', 'quality', 'memory'] as const;
/** What TensorFlow.js trains on here, best first. */
export const backendNames = ['webgpu', 'tensorflow', 'wasm', 'cpu'] as const;
/** All that a result may have been measured with: a TensorFlow.js backend, or Python's own framework. */
const engineNames = [...backendNames, 'python'] as const;

/** A device's memory, in bytes: all that it can give, and what was free before training. */
const deviceMemorySchema = z.object({ totalBytes: count, freeBytes: count });

/** The engine that the workspace itself trains with, from its package.json. */
const workspaceEngineSchema = z.object({
  /** The npm package that says so. */
  package: z.string(),
  /** What that package computes with; `webgl` is a browser's, which only a browser has. */
  engine: z.enum([...backendNames, 'webgl']),
  /** False when the measurement was taken on another engine. */
  same: z.boolean(),
});

export const backendSchema = z.object({
  name: z.enum(engineNames),
  /** The Python framework, such as PyTorch or Lightning; only with the engine `python`. */
  framework: z.string().optional(),
  /** Processes that train together, among which the samples of an update are divided. */
  replicas: count.optional(),
  /** The device's own name, such as a GPU's or a processor's. */
  device: z.string(),
  /** True for a GPU emulated in software. */
  software: z.boolean(),
  versions: z.record(z.string(), z.string()),
  /** Limits of a GPU by WebGPU's names, such as maxBufferSize. */
  limits: z.record(z.string(), z.number()).optional(),
  /** Null where neither the driver nor the system reports it. */
  memory: deviceMemorySchema.nullable().optional(),
  /** Null when the workspace names no engine. */
  workspaceEngine: workspaceEngineSchema.nullable().optional(),
  /** Other backends that were tried first, each with why it was not taken. */
  skipped: z.array(z.object({ name: z.enum(backendNames), why: textSchema })).default([]),
});

export const datasetSchema = z.object({
  /** Training samples, without validation. */
  samples: count,
  validationSamples: count,
  /** Shape of one sample. */
  features: z.array(count),
  /** Null for regression. */
  classes: count.nullable(),
  /**
   * What all samples would take on the device, where they do not fit beside the model: they stay on
   * disk and batches are read while the device trains. Absent where they are held.
   */
  streamedBytes: count.optional(),
  /**
   * The value of guessing without the features on the validation samples: the loss of the best
   * constant, and the share of the largest class. Absent where it is not known.
   */
  guess: z.object({ loss: z.number().nullable(), accuracy: z.number().nullable() }).optional(),
});

export const targetSchema = z.object({
  metric: z.enum(['loss', 'accuracy']),
  value: z.number(),
  source: z.enum(['pilot', 'config']),
});

export const stepFitSchema = z.object({
  floorMs: z.number(),
  aMs: z.number(),
  bMs: z.number(),
  r2: z.number(),
});

/** `m(B) = max(u0 + u1·B, a0 + a1·B)`; each pair is [at zero, per sample], in bytes. */
export const memoryModelSchema = z.object({
  /** What is held at any batch size, such as in an evaluation; only where it was met. */
  floorBytes: z.number().nonnegative().optional(),
  updateBytes: interval,
  activationBytes: interval,
  limitBytes: z.number().nullable(),
  largestBatchSize: count.nullable(),
});

/** How a recommended size compares with one that was stopped on its way to the target. */
const stoppedComparisonSchema = z.object({
  /** The size that was stopped. */
  comparedTo: count,
  /** The value it had reached. */
  metric: z.enum(['loss', 'accuracy']),
  value: z.number(),
  /** Its seconds to there over those of the recommended size. */
  times: positive,
});

export const recommendationSchema = z.object({
  batchSize: count,
  learningRate: positive,
  gradientAccumulation: z.number().int().positive(),
  iterationsPerEpoch: count,
  reasons: z.array(textSchema),
  alternatives: z.array(
    z.object({
      objective: z.enum(objectives),
      batchSize: count,
      learningRate: positive.nullable().default(null),
    }),
  ),
  schedule: scheduleSchema.nullable(),
  /** The configured size, where it was stopped. */
  stoppedComparison: stoppedComparisonSchema.optional(),
  /** True where no size was trained to be compared: it follows from what their updates took. */
  isEstimate: z.boolean().optional(),
  /** How sure it is; null where sizes were not compared by their time to the target. */
  confidence: confidenceSchema.nullable().optional(),
});

export const sweepResultSchema = z.object({
  formatVersion: z.literal(1),
  /** File name of the config. */
  config: z.string(),
  seed: z.number().int(),
  /** When the sweep ended, ISO 8601. */
  finishedAt: z.string().nullable().default(null),
  objective: z.enum(objectives).default('time'),
  modelType: z.enum(modelTypes),
  backend: backendSchema,
  dataset: datasetSchema,
  /** What the config asked for when the sweep ran. */
  configured: z
    .object({ batchSize: count, learningRate: positive, epochs: count })
    .nullable()
    .default(null),
  target: targetSchema.nullable(),
  probe: z
    .object({
      /** A `ProbeStop`; other versions may write others. */
      stopReason: z.string(),
      stepFit: stepFitSchema.nullable(),
    })
    .nullable(),
  trials: z.array(trialSchema),
  memoryModel: memoryModelSchema.nullable(),
  recommendation: recommendationSchema.nullable(),
  /** What a person should know beside the reasons, such as why nothing is recommended. */
  notes: z.array(textSchema).optional(),
  cost: z.object({ seconds: z.number().nonnegative(), samplesTrained: count }),
  /** Null where no step was timed. */
  timing: timingSchema.nullable().optional(),
  /** Hash of all that the result depends on; an equal one means that it can be shown again. */
  inputs: z.string().optional(),
  /** The limit it was measured within; null for none. */
  budgetSeconds: z.number().nullable().optional(),
});

export type LossPoint = z.infer<typeof lossPointSchema>;
export type NoisePoint = z.infer<typeof noisePointSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type RenderedText = z.infer<typeof textSchema>;
export type TrialStatus = (typeof trialStatuses)[number];
type TrialPhase = (typeof trialPhases)[number];
export type TrialPurpose = (typeof trialPurposes)[number];
export type StopReason = (typeof stopReasons)[number];
export type Trial = z.infer<typeof trialSchema>;
export type ModelType = (typeof modelTypes)[number];
export type Objective = (typeof objectives)[number];
export type BackendName = (typeof backendNames)[number];
export type BackendInfo = z.infer<typeof backendSchema>;
export type DeviceMemory = z.infer<typeof deviceMemorySchema>;
export type WorkspaceEngine = z.infer<typeof workspaceEngineSchema>;
export type DatasetInfo = z.infer<typeof datasetSchema>;
export type Target = z.infer<typeof targetSchema>;
export type Timing = z.infer<typeof timingSchema>;
export type StepFit = z.infer<typeof stepFitSchema>;
export type MemoryModel = z.infer<typeof memoryModelSchema>;
export type StoppedComparison = z.infer<typeof stoppedComparisonSchema>;
export type Recommendation = z.infer<typeof recommendationSchema>;
export type SweepResult = z.infer<typeof sweepResultSchema>;

export function phaseOf(purpose: TrialPurpose): TrialPhase {
  return purpose === 'probe' || purpose === 'exhaustive' ? purpose : 'race';
}
