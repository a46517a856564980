import * as z from 'zod';
import { advancedSchema, evaluatedSchema, outcomeOf, trainerContract } from './trainer';

/**
 * How the Python trainer speaks with one process of `python/`, as JSON lines on the process's stdin
 * and stdout. A process holds one run of a script: a discovery, or one trial.
 */

const count = z.number().int().nonnegative();

const loaderKeySchema = z.object({
  /** Where the person's own code makes it; null where it is made elsewhere. */
  file: z.string().nullable(),
  line: z.number().nullable(),
  /** Of the loaders that are made at this place, which one. */
  ordinal: count,
});

/** Learning-rate schedules of a script that count updates. Only `python/` looks into them. */
const schedulesSchema = z.object({
  /** Samples of an update as the script has it, and on average over an epoch. */
  batchSize: z.number().int().positive(),
  samplesPerUpdate: z.number().positive(),
  /** In the order in which they are made. */
  made: z.array(
    z.object({
      name: z.string(),
      /** Its steps for each update; 0 where it counts epochs. */
      perUpdate: z.number().nonnegative(),
      /** As it has them at the script's own size. */
      arguments: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** What a first, short run of a script shows; what is not known is null or left out. */
export const discoverySchema = z.object({
  framework: z.string(),
  versions: z.record(z.string(), z.string()).default({}),
  device: z.string().default('CPU'),
  deviceType: z.string().default('cpu'),
  /** Samples of an update, as the script has it. */
  batchSize: z.number().int().positive().nullable().default(null),
  /** Batches that the script itself adds up before an update. */
  accumulation: z.number().int().positive().default(1),
  /** The losses of these batches add up to that of the update; else it is their mean. */
  sumsLosses: z.boolean().default(false),
  /** Tokens of a sample that holds several texts; null where samples are those of the data. */
  packedLength: z.number().int().positive().nullable().default(null),
  /** Processes that train together, each with its share of an update. */
  replicas: z.number().int().positive().default(1),
  learningRate: z.number().nonnegative().nullable().default(null),
  /** That the script plans; not whole where it plans updates. */
  epochs: z.number().positive().nullable().default(null),
  optimizer: z.string().default('unknown'),
  momentum: z.boolean().default(false),
  optimizerIndex: count.nullable().default(null),
  /** How many optimizers take turns; only the one with the most parameters is counted. */
  optimizers: count.default(1),
  parameterCount: count.default(0),
  layers: z.array(z.string()).default([]),
  hasBatchNormalization: z.boolean().default(false),
  availableBytes: z.number().nullable().default(null),
  loader: loaderKeySchema.nullable().default(null),
  /** Why the size cannot be set; null where it can. */
  fixed: z.string().nullable().default(null),
  features: z.array(count).default([]),
  dropsLast: z.boolean().default(false),
  /** Samples of an epoch; null for a loader without a length. */
  samples: z.number().int().positive().nullable(),
  /** The framework can evaluate on validation data at any time. */
  evaluates: z.boolean().default(false),
  validationSamples: count.default(0),
  /** Where the person's own code makes the loader of validation data; null where a framework knows. */
  validationPlace: loaderKeySchema.nullable().default(null),
  schedules: schedulesSchema.nullable().default(null),
  /** The script sets the rate of each update itself. */
  setsRates: z.boolean().default(false),
  /** Gradients can be read before each update. */
  measuresNoise: z.boolean().default(false),
  updates: count,
  startLoss: z.number().nullable(),
  startLossError: z.number().nullable(),
  peakBytes: count.nullable(),
  /** The person's own files that the script imports. */
  files: z.array(z.string()).default([]),
  /** Modules of installed packages, in the order of their import. */
  modules: z.array(z.string()).default([]),
  /** Variables that were set before the packages were imported, which may read them then. */
  environment: z.record(z.string(), z.string()).default({}),
});

const programSchema = z.object({
  kind: z.enum(['script', 'module', 'notebook', 'command']),
  /** Absolute path of the file, or the module's name. */
  target: z.string(),
  args: z.array(z.string()),
});

export const runnerContract = {
  calls: {
    /** Runs the script up to its first update, or, as a discovery, through its first ones. */
    begin: {
      input: z.object({
        program: programSchema,
        /** Absolute folder of the person's own code. */
        root: z.string(),
        /** Where it is run and with what, beyond a launcher that hands on neither. */
        cwd: z.string().nullable().default(null),
        env: z.record(z.string(), z.string()).default({}),
        seed: z.number().int(),
        /** Added to seeds that the script sets itself. */
        seedOffset: z.number().int().default(0),
        batchSize: z.number().int().positive().nullable().default(null),
        /** By how much the script's own learning rates are multiplied. */
        rateFactor: z.number().positive().default(1),
        learningRate: z.number().positive().nullable().default(null),
        accumulation: z.number().int().positive().default(1),
        sumsLosses: z.boolean().default(false),
        replicas: z.number().int().positive().default(1),
        loader: loaderKeySchema.nullable().default(null),
        optimizer: count.nullable().default(null),
        limitBytes: z.number().positive().nullable().default(null),
        samples: z.number().int().positive().nullable().default(null),
        /** Training losses are averaged over so many samples, the same for every size. */
        windowSamples: count.default(0),
        startLoss: z.number().nullable().default(null),
        startLossError: z.number().nullable().default(null),
        /** Kept in samples at another size than the script's own. */
        schedules: schedulesSchema.nullable().default(null),
        /** Evaluates on the framework's validation data, where that was found to work. */
        evaluates: z.boolean().default(false),
        /** Only finds out about the script. */
        discover: z
          .object({
            updates: count,
            mostUpdates: count,
            seconds: z.number().positive(),
            /** Samples of an epoch where the data have no length. */
            nominalEpoch: z.number().int().positive().optional(),
          })
          .nullable()
          .default(null),
      }),
      output: outcomeOf(z.union([discoverySchema, z.object({ begun: z.literal(true) })])),
    },
    advance: {
      input: z.object({
        iterations: z.number().int().positive(),
        maxSeconds: z.number().positive(),
      }),
      output: advancedSchema,
    },
    evaluate: { input: z.object({}), output: evaluatedSchema },
    /** Trains on for so many pairs of updates, and compares the two gradients of each. */
    measureNoise: {
      input: z.object({ pairs: z.number().int().positive() }),
      output: trainerContract.calls.measureNoise.output,
    },
    interrupt: { input: z.object({}), output: z.object({}) },
  },
  events: {
    ready: z.object({ python: z.string(), pid: z.number().int(), host: z.string().default('') }),
    log: z.object({ level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
  },
} as const;

/**
 * How a process is told to start one for each trial: to fork them once it has imported what the script
 * imports, or to have actors of a cluster run them. Messages to a trial go through it as
 * `{"kind": "pass", "to": name, "message": …}`.
 */
export const forkServerContract = {
  calls: {
    /** Once, before the first trial on a cluster. */
    connect: {
      input: z.object({ address: z.string(), resources: z.record(z.string(), z.number()) }),
      output: outcomeOf(
        z.object({
          address: z.string(),
          /** What each trial has for itself, for people. */
          resources: z.string(),
          /** Trials for which a machine of the cluster has room. */
          places: z.number().int().positive(),
        }),
      ),
    },
    /** Once, before the first fork. */
    preload: {
      input: z.object({
        modules: z.array(z.string()),
        environment: z.record(z.string(), z.string()),
      }),
      /** What stands in the way of forking; null where nothing does. */
      output: z.object({ obstacle: z.string().nullable() }),
    },
    fork: {
      input: z.object({ name: z.string() }),
      /** Null on another machine. */
      output: z.object({ pid: z.number().int().positive().nullable() }),
    },
    /** Ends a trial's stdin, upon which it ends. */
    close: { input: z.object({ name: z.string() }), output: z.object({}) },
    /** To the whole group of a trial. */
    signal: {
      input: z.object({ name: z.string(), signal: z.enum(['SIGTERM', 'SIGKILL']) }),
      output: z.object({}),
    },
  },
  events: {
    /** A trial's message. */
    told: z.object({ name: z.string(), message: z.unknown() }),
    /** A trial waits until the cluster has free what it needs. */
    waiting: z.object({ name: z.string(), what: z.string() }),
    exited: z.object({
      name: z.string(),
      exitCode: z.number().int().nullable(),
      signal: z.string().nullable(),
    }),
  },
} as const;

export type ForkServerContract = typeof forkServerContract;
export type RunnerContract = typeof runnerContract;
export type Discovery = z.infer<typeof discoverySchema>;
export type Program = z.infer<typeof programSchema>;
