import * as z from 'zod';
import {
  backendSchema,
  datasetSchema,
  lossPointSchema,
  memoryModelSchema,
  modelTypes,
  objectives,
  recommendationSchema,
  scheduleSchema,
  stepFitSchema,
  sweepResultSchema,
  targetSchema,
  textSchema,
  trialPhases,
  trialPurposes,
  trialSchema,
} from './result';

/**
 * Everything that happens in a sweep, in order. The run log holds one event a line; terminal and
 * panel reduce the same events to the same state (sweepState.ts).
 */
export const sweepEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    formatVersion: z.literal(1),
    sweepId: z.string(),
    at: z.string(),
    config: z.string(),
    seed: z.number().int(),
    objective: z.enum(objectives),
    batchSizes: z.array(z.number().int().positive()),
    budgetSeconds: z.number().positive(),
    configured: z.object({
      batchSize: z.number().int(),
      learningRate: z.number(),
      epochs: z.number(),
    }),
    /** Hash of model, data, training settings, backend, device and versions. */
    fingerprint: z.string(),
    /** The process that runs the sweep; a log without an end whose process is gone is interrupted. */
    pid: z.number().int(),
  }),
  z.object({
    type: z.literal('prepared'),
    modelType: z.enum(modelTypes),
    backend: backendSchema,
    dataset: datasetSchema,
    limitBytes: z.number().nullable(),
  }),
  z.object({
    type: z.literal('progress'),
    /** What is being done now: a text id with values. */
    text: textSchema,
    /** 0..1 of the whole sweep. */
    fraction: z.number().min(0).max(1),
    /** An estimate, null while there is nothing to base one on. */
    secondsLeft: z.number().nonnegative().nullable(),
    /** What is left of the budget: it ends by then, and mostly before. Null without a budget. */
    mostSecondsLeft: z.number().nonnegative().nullable().optional(),
  }),
  z.object({
    type: z.literal('trialStarted'),
    id: z.string(),
    batchSize: z.number().int().positive(),
    phase: z.enum(trialPhases),
    learningRate: z.number(),
    /** These four are left out in logs of earlier versions. */
    purpose: z.enum(trialPurposes).optional().catch(undefined),
    seed: z.number().int().optional(),
    gradientAccumulation: z.number().int().positive().optional(),
    schedule: scheduleSchema.nullable().optional(),
  }),
  z.object({ type: z.literal('lossPoint'), id: z.string(), point: lossPointSchema }),
  /** Numbers measured so far of a running trial; replaces the trial of that id. */
  z.object({ type: z.literal('trialUpdated'), trial: trialSchema }),
  z.object({
    type: z.literal('trialFinished'),
    trial: trialSchema,
    /** What the whole sweep has spent by now, earlier parts of a resumed one included. */
    spentSeconds: z.number().nonnegative().optional(),
    samplesTrained: z.number().nonnegative().optional(),
  }),
  /** The validation metric before training, the same for all trials of a seed. */
  z.object({ type: z.literal('startEvaluated'), seed: z.number().int(), value: z.number() }),
  z.object({ type: z.literal('target'), target: targetSchema }),
  z.object({
    type: z.literal('probeFinished'),
    stopReason: z.string(),
    stepFit: stepFitSchema.nullable(),
  }),
  z.object({ type: z.literal('memoryModel'), memoryModel: memoryModelSchema }),
  z.object({
    type: z.literal('recommended'),
    recommendation: recommendationSchema.nullable(),
    /** Two sizes have been compared, and the sweep goes on: it may change. */
    isProvisional: z.boolean().optional(),
  }),
  z.object({ type: z.literal('finished'), result: sweepResultSchema }),
  z.object({ type: z.literal('failed'), error: textSchema }),
  z.object({ type: z.literal('cancelled') }),
]);

export type SweepEvent = z.infer<typeof sweepEventSchema>;
