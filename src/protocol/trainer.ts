import * as z from 'zod';
import { memoryMarginSchema } from '../config/memoryMargin';
import { anyConfigSchema } from '../config/schema';
import {
  backendNames,
  backendSchema,
  datasetSchema,
  modelTypes,
  scheduleSchema,
  textSchema,
} from '../core/sweep/result';
import { problemSchema } from './problemSchema';

/**
 * How the tuner speaks with a trainer, and all it knows of one. A trainer loads a config once and
 * then holds any number of trials, each advanced by so much work at a time: a trial that is not
 * advanced is paused. Problems that a person can fix are returned as values; a broken call rejects.
 */

/** A value, or a problem that a person can fix. */
export const outcomeOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), problem: problemSchema }),
  ]);

const trialId = z.string();
const count = z.number().int().nonnegative();

/** What a trainer can do: the tuner asks nothing else of it, and shows nothing that it cannot know. */
const capabilitiesSchema = z.object({
  /** Trials that may be held at once, all but one of them paused. */
  pauses: z.number().int().positive(),
  /** A trial started again with the same seed has the same losses. */
  replays: z.boolean(),
  /** On demand, on validation data; where it cannot, `evaluate` returns the training loss. */
  evaluates: z.boolean(),
  measuresNoise: z.boolean(),
  /** What `peakBytes` counts: the device's own allocations, or the whole process. */
  metersMemory: z.enum(['device', 'process']),
  accumulates: z.boolean(),
  schedules: z.boolean(),
  /** Holds a trial below `limitBytes`. */
  limitsMemory: z.boolean(),
});

/** A trainer that can do all there is. */
export const everyCapability: z.infer<typeof capabilitiesSchema> = {
  pauses: 1000,
  replays: true,
  evaluates: true,
  measuresNoise: true,
  metersMemory: 'device',
  accumulates: true,
  schedules: true,
  limitsMemory: true,
};

const share = z.number().min(0).lt(1);
/** Settings of an optimizer, besides its learning rate, that may follow the batch size. */
const optimizerNumbersSchema = z.object({
  /** Decay of the first moment (Adam and its kin), and of the second. */
  beta1: share.optional(),
  beta2: share.optional(),
  momentum: share.optional(),
  epsilon: z.number().positive().optional(),
  /** Decoupled weight decay: weights shrink by the rate times this at every update. */
  weightDecay: z.number().nonnegative().optional(),
});

const preparedSchema = z.object({
  /** Left out: all there is. */
  capabilities: capabilitiesSchema.optional(),
  /** What the training sets itself; takes the place of the config's `training`. */
  found: z
    .object({
      batchSize: z.number().int().positive(),
      /** That the training plans, not whole where it plans updates; null where nothing tells. */
      epochs: z.number().positive().nullable(),
    })
    .nullable()
    .optional(),
  /** What a person should know of how the model or the script was read. */
  notes: z.array(textSchema).optional(),
  backend: backendSchema,
  dataset: datasetSchema,
  modelType: z.enum(modelTypes),
  /** Layer class names in order, the evidence for the model type. */
  layers: z.array(z.string()),
  parameterCount: count,
  /** Those of them that gradients change: a frozen layer's are not among them. */
  trainedCount: count.optional(),
  hasBatchNormalization: z.boolean(),
  /** What the config leaves to the model's own compile settings, resolved. */
  loss: z.string(),
  optimizer: z.string(),
  learningRate: z.number().positive(),
  /** What else of the optimizer may follow the batch size; left out by a trainer that cannot change it. */
  optimizerNumbers: optimizerNumbersSchema.optional(),
  /** Device bytes of the data set before any trial. */
  dataBytes: count,
  /** Bytes the device can still give to training, less the margin; null where it is not known. */
  availableBytes: z.number().nullable(),
  /** Hash of the bytes of model and data. */
  contentHash: z.string(),
  /** What was understood of the data, where the trainer reports it. */
  reading: z
    .object({
      notes: z.array(textSchema),
      columns: z.array(
        z.object({ name: z.string(), type: z.string(), use: z.string(), missing: count }),
      ),
      classes: z.array(z.object({ name: z.string(), samples: count })),
    })
    .optional(),
});

const beginSchema = z.object({
  trial: trialId,
  batchSize: z.number().int().positive(),
  learningRate: z.number().positive(),
  /** What differs from the configured optimizer, for a trainer that reported its numbers. */
  optimizerNumbers: optimizerNumbersSchema.optional(),
  /** Seeds initial weights, data order and dropout: trials of one seed start from equal weights. */
  seed: z.number().int(),
  /** Microbatches that a batch of `batchSize` is computed in; one update averages over all of them. */
  gradientAccumulation: z.number().int().positive().default(1),
  schedule: scheduleSchema.nullable().default(null),
  /** Metered device bytes the trial may hold at most, data and evaluation included. */
  limitBytes: z.number().positive().nullable(),
});

const advanceSchema = z.object({
  trial: trialId,
  /** Stop after this many further updates… */
  iterations: z.number().int().positive(),
  /** …or after this many seconds, whichever comes first (checked between blocks). */
  maxSeconds: z.number().positive(),
});

const detailValuesSchema = z.record(z.string(), z.union([z.string(), z.number()]));

export const advancedSchema = z.object({
  status: z.enum(['ok', 'out-of-memory', 'diverged']),
  /** Why the status is not ok, as the backend said it, or a cause of ours with its values. */
  detail: z.string().nullable(),
  detailValues: detailValuesSchema.optional(),
  /** Updates of the trial in total. */
  iterations: count,
  samples: count,
  epoch: z.number().nonnegative(),
  /** Mean training loss over the updates of this call; null when it is not finite. */
  trainLoss: z.number().nullable(),
  /** Timed blocks of full-size updates, one device sync each; warm-up left out. */
  blocks: z.array(
    z.object({
      iterations: z.number().int().positive(),
      /** By the wall clock, which the Python runner corrects: see python/batchwise/processor.py. */
      ms: z.number().nonnegative(),
      /** Differs from the trial's under a schedule. */
      batchSize: z.number().int().positive().optional(),
      /** The work's own time on the processor, where engine and system report it: see blockClock. */
      cpuMs: z.number().positive().optional(),
      /** Share of the time in which it was ready to run, but other programs did. */
      waitingShare: z.number().min(0).max(1).optional(),
    }),
  ),
  /** Wall-clock of this call, untimed updates included. */
  wallMs: z.number().nonnegative(),
  peakBytes: count.nullable(),
  processPeakBytes: count,
  memory: z.object({
    parameters: count,
    optimizer: count,
    gradients: count,
    activations: count,
    data: count,
  }),
  /** The training ended by itself: it makes no further update. */
  ended: z.boolean().optional(),
});

export const evaluatedSchema = z.object({
  status: z.enum(['ok', 'out-of-memory', 'diverged']),
  detail: z.string().nullable(),
  detailValues: detailValuesSchema.optional(),
  loss: z.number().nullable(),
  accuracy: z.number().nullable(),
  /** The model's own metrics by name; null where one is not defined. */
  metrics: z.record(z.string(), z.number().nullable()).optional(),
  /** Standard error of the loss over validation samples, for "improved by less than two of them". */
  lossStandardError: z.number().nullable(),
  seconds: z.number().nonnegative(),
  peakBytes: count.nullable(),
});

/** Squared norms of one step's microbatch gradients, for the noise scale. */
const noiseSchema = z.object({
  /** Samples of the trial when it was taken. */
  samples: count,
  microbatchSize: z.number().int().positive(),
  microbatches: z.number().int().min(2),
  /** Mean over microbatches of |g_i|². */
  meanSquaredNorm: z.number(),
  /** |mean of g_i|². */
  squaredNormOfMean: z.number(),
});

const runningSchema = z.discriminatedUnion('kind', [
  /** Code of a file of the workspace. */
  z.object({ kind: z.literal('module'), file: z.string(), call: z.string() }),
  /** A file that is read as data. */
  z.object({ kind: z.literal('data'), file: z.string() }),
  /** The model's first steps. */
  z.object({ kind: z.literal('rehearsal') }),
]);

export const trainerContract = {
  calls: {
    load: {
      input: z.object({
        config: anyConfigSchema,
        /** Absolute path of the config. */
        configFile: z.string(),
        /** Absolute folder that paths may not leave. */
        root: z.string(),
        backend: z.enum(['auto', ...backendNames]),
        seed: z.number().int(),
        /** What stays free on the device; null for the device's own default. */
        memoryMargin: memoryMarginSchema.nullable().default(null),
        /**
         * A folder for data that does not fit and has to be unpacked, which the caller removes; the
         * next process finds there what this one prepared. Without it there is one of this process.
         */
        dataFolder: z.string().nullable().optional(),
        /** Whose engine is asked for where that is not the config's own workspace. */
        workspace: z.object({ configFile: z.string(), root: z.string() }).nullable().default(null),
      }),
      output: outcomeOf(preparedSchema),
    },
    /** Builds a trial's model and optimizer; nothing is trained yet. */
    begin: { input: beginSchema, output: outcomeOf(z.object({})) },
    advance: { input: advanceSchema, output: advancedSchema },
    /** Loss and metrics on the whole validation set, always with one batch size. */
    evaluate: { input: z.object({ trial: trialId }), output: evaluatedSchema },
    /** Gradients of microbatches at the trial's present weights, which stay as they are. */
    measureNoise: {
      input: z.object({
        trial: trialId,
        microbatchSize: z.number().int().positive(),
        microbatches: z.number().int().min(2),
        steps: z.number().int().positive(),
      }),
      output: z.object({ steps: z.array(noiseSchema) }),
    },
    end: { input: z.object({ trial: trialId }), output: z.object({}) },
    /** Ends what is running at the next block; the running call answers with what it has. */
    interrupt: { input: z.object({}), output: z.object({}) },
  },
  events: {
    /** The worker listens; sent once. */
    ready: z.object({ node: z.string(), pid: z.number().int() }),
    /** How far reading data that stays on disk is; only where it takes long. */
    reading: z.object({
      step: z.enum(['reading', 'measuring']),
      fraction: z.number().min(0).max(1),
    }),
    /** What runs now and may not come to an end in time; null once it has. */
    running: runningSchema.nullable(),
    log: z.object({ level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
  },
} as const;

export type TrainerContract = typeof trainerContract;
export type Prepared = z.infer<typeof preparedSchema>;
export type OptimizerNumbers = z.infer<typeof optimizerNumbersSchema>;
/** What a trainer can do, reported at load. */
export function capabilitiesOf({ capabilities = everyCapability }: Prepared): Capabilities {
  return capabilities;
}

type Capabilities = z.infer<typeof capabilitiesSchema>;
/** What is loaded, with the config's defaults filled in. */
export type LoadOptions = z.output<(typeof trainerContract)['calls']['load']['input']>;
export type Begin = z.input<typeof beginSchema>;
/** A trial's settings with the defaults filled in. */
export type BegunOptions = z.output<typeof beginSchema>;
export type Advanced = z.infer<typeof advancedSchema>;
export type Evaluated = z.infer<typeof evaluatedSchema>;
export type NoiseStep = z.infer<typeof noiseSchema>;
/** What runs in a trainer and may not come to an end. */
export type Running = z.infer<typeof runningSchema>;
