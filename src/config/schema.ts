import * as z from 'zod';
import { backendNames, objectives } from '../core/sweep/result';
import type { MessageId } from '../core/text/messages';
import type { Values } from '../core/text/problem';
import { bytesPattern, durationPattern, parseBytes, parseDuration } from './units';

/**
 * The workspace file `batchwise.json`. This schema is the only source: the types, the validator and
 * the JSON schema that editors complete from are all derived from it.
 */

/** What a rule that no JSON schema can state says of a value; `params` of a custom zod issue. */
export interface RuleFailure {
  readonly reason: MessageId;
  readonly values: Values;
}

const broken = (reason: MessageId, values: Values = {}) => ({
  params: { reason, values } satisfies RuleFailure,
});

const path = (description: string, ...examples: string[]) =>
  z
    .string()
    .min(1)
    .meta(examples.length > 0 ? { description, examples } : { description });

const modelKinds = ['topology', 'layers', 'module'] as const;
const modelOptions = modelKinds.map((kind) => `"${kind}"`).join(', ');

/** A model of more takes minutes to build. */
export const mostLayers = 5000;

const modelSchema = z
  .strictObject({
    topology: path(
      'A layers model as JSON: tfjs, Keras 2 or Keras 3, bare or as model.save() wraps it.',
      'model.json',
    ).optional(),
    layers: z
      .array(
        z.looseObject({ className: z.string().min(1), config: z.record(z.string(), z.unknown()) }),
      )
      .min(1)
      .superRefine((layers, context) => {
        if (layers.length <= mostLayers) return;
        const values = { count: layers.length, most: mostLayers };
        context.addIssue({ code: 'custom', ...broken('modelManyLayers', values) });
      })
      .describe('The layers of a sequential model, each {"className", "config"}.')
      .optional(),
    module: path(
      'A module that exports createModel(tf). It runs code: trusted workspaces only.',
      'model.mjs',
    ).optional(),
  })
  .superRefine((model, context) => {
    const found = modelKinds.filter((kind) => model[kind] !== undefined);
    if (found.length === 0) {
      context.addIssue({ code: 'custom', ...broken('configModelNone', { options: modelOptions }) });
    } else if (found.length > 1) {
      const names = found.map((kind) => `"${kind}"`).join(', ');
      context.addIssue({
        code: 'custom',
        ...broken('configModelSeveral', { found: names, options: modelOptions }),
      });
    }
  })
  .describe('The model: exactly one of topology, layers and module.');

const dataSchema = z
  .strictObject({
    train: path(
      'Training data: a table (.csv, .tsv, .txt, .data), JSON (.json, .jsonl), .npy, .npz, IDX (all but .npz gzipped, too), a folder of images by class, or a module that exports load(tf).',
      'train.csv',
      'train.npz',
      'train-images-idx3-ubyte.gz',
      'images',
      'data.mjs',
    ),
    labels: path(
      'The labels, when they are a separate file (IDX, NPY).',
      'train-labels-idx1-ubyte.gz',
    ).optional(),
    label: z
      .string()
      .min(1)
      .meta({
        description:
          'The label\'s column or key (tables, JSON, NPZ). Columns of a table without a header are called by their number: "0", "1" …',
        examples: ['label'],
      })
      .optional(),
    features: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'Columns or keys to train on. Default: every other column of numbers or truth values; what is left out is told.',
      )
      .optional(),
    normalize: z
      .boolean()
      .default(true)
      .describe(
        'Standardize columns (the last axis of arrays) by the training samples; scale bytes to 0..1. What a module returns is taken as it is.',
      ),
    missing: z
      .enum(['mean', 'drop', 'error'])
      .default('mean')
      .describe(
        'What a missing value of a table becomes: the mean of its column (in a column of texts, a value of its own); drop leaves the row out; error refuses it. Rows without a label are left out, but for error.',
      ),
    categories: z
      .enum(['auto', 'oneHot', 'ordinal', 'ignore'])
      .default('auto')
      .describe(
        "What columns of texts with few different values become: oneHot, a column of 0 and 1 per value; ordinal, the value's place in the alphabet; ignore leaves them out. auto: oneHot where the model's input is as wide as that, or where there is nothing else to train on; else ignore. Named in features, they are used in any case.",
      ),
    dates: z
      .enum(['auto', 'number', 'ignore'])
      .default('auto')
      .describe(
        'What columns of dates become: number, the days since 1970-01-01; ignore leaves them out. auto: number where there is nothing else to train on; else ignore.',
      ),
    separator: z
      .enum(['auto', ',', ';', 'tab', '|', 'blanks'])
      .default('auto')
      .describe('What separates the columns of a table. auto: found in its first lines.'),
    header: z
      .enum(['auto', 'firstRow', 'none'])
      .default('auto')
      .describe(
        'Whether the first row of a table names its columns. auto: told from the columns below it.',
      ),
    window: z
      .strictObject({
        size: z.number().int().min(1).describe('Rows in one sample.'),
        ahead: z
          .number()
          .int()
          .min(1)
          .default(1)
          .describe('How many rows after the last row of a sample its label stands.'),
      })
      .describe(
        'Makes a series of rows into samples of several rows each, with the label of a later row; the last samples validate. The label is a feature, too, unless features say otherwise.',
      )
      .optional(),
    validation: z
      .union([z.number().gt(0).lt(1), path('A file like train.', 'test.csv')])
      .default(0.2)
      .describe('Validation data: a fraction of the training data, or a file like train.'),
    validationLabels: path(
      'The labels of a validation file, when they are a separate file.',
    ).optional(),
  })
  .describe('The data to train on.');

export const losses = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'huber',
  'logCosh',
  'poisson',
  'cosineSimilarity',
  'kullbackLeiblerDivergence',
  'hinge',
  'squaredHinge',
  'categoricalHinge',
  'binaryFocalCrossentropy',
  'categoricalFocalCrossentropy',
] as const;

const lossSchema = z.strictObject({
  name: z.enum(losses).describe('The loss.'),
  fromLogits: z
    .boolean()
    .describe('Whether the model gives logits, without softmax or sigmoid (crossentropies).')
    .optional(),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(1)
    .describe('How far labels are moved from 0 and 1 (crossentropies).')
    .optional(),
  delta: z
    .number()
    .positive()
    .describe('The error from which the loss is linear (huber). Default: 1.')
    .optional(),
  gamma: z
    .number()
    .min(0)
    .describe('How little samples count that are classified well (focal losses). Default: 2.')
    .optional(),
  alpha: z
    .number()
    .gt(0)
    .lt(1)
    .describe('The weight of the rare class (focal losses). Default: 0.25.')
    .optional(),
});
export const optimizers = [
  'sgd',
  'momentum',
  'adam',
  'adamw',
  'lion',
  'rmsprop',
  'adagrad',
  'adamax',
] as const;

const optimizerSchema = z.strictObject({
  name: z.enum(optimizers).describe('The optimizer.'),
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .describe('How much of the last step is kept (momentum, rmsprop). Default: 0.9, rmsprop 0.')
    .optional(),
  nesterov: z.boolean().describe("Nesterov's momentum instead of the classical one.").optional(),
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .describe('Decay of the first moment (adam, adamw, adamax, lion).')
    .optional(),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .describe('Decay of the second moment (adam, adamw, adamax, lion).')
    .optional(),
  epsilon: z.number().positive().describe('Keeps divisions away from zero.').optional(),
  decay: z
    .number()
    .min(0)
    .describe('Decay of the squared gradient (rmsprop) or of the learning rate (adamax).')
    .optional(),
  weightDecay: z
    .number()
    .min(0)
    .describe(
      'Decoupled weight decay: at every update, weights shrink by learningRate × weightDecay. Default: 0, adamw 0.004.',
    )
    .optional(),
});

const trainingSchema = z
  .strictObject({
    loss: z
      .union([z.enum(losses), lossSchema])
      .meta({
        description:
          'The loss to minimize, by name or with its settings. Default: the one the model was compiled with.',
        examples: ['categoricalCrossentropy', { name: 'huber', delta: 0.5 }],
      })
      .optional(),
    optimizer: z
      .union([z.enum(optimizers), optimizerSchema])
      .meta({
        description:
          'The optimizer, by name or with its settings. Default: the one the model was compiled with, else adam.',
        examples: ['adam', { name: 'sgd', momentum: 0.9 }],
      })
      .optional(),
    learningRate: z
      .number()
      .positive()
      .describe('The learning rate that suits batchSize. Default: the compiled one, else 0.001.')
      .optional(),
    batchSize: z.number().int().min(1).default(32).describe('Samples per update (iteration).'),
    gradientAccumulation: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe(
        'Microbatches whose gradients make up one update of batchSize samples: less memory, at no gain in speed.',
      ),
    epochs: z.number().int().min(1).default(10).describe('How often every sample is seen.'),
    seed: z
      .number()
      .int()
      .min(0)
      .default(42)
      .describe('Seeds initial weights, shuffling and dropout.'),
    classWeights: z
      .record(z.string().min(1), z.number().min(0))
      .meta({
        description:
          'How much samples of a class count in the training loss, by its name. Default: 1 each.',
        examples: [{ rare: 10 }],
      })
      .optional(),
  })
  .describe("How the model is trained. Takes the place of a topology's training_config.");

const bytes = z
  .union([z.number().int().min(1), z.string().regex(bytesPattern)])
  .refine((value) => parseBytes(value) !== null, broken('configNotSize'))
  .describe('A number of bytes, or a size such as "2 GB".');

const duration = z
  .union([z.number().positive(), z.string().regex(durationPattern)])
  .refine((value) => parseDuration(value) !== null, broken('configNotDuration'))
  .describe('Seconds, or a duration such as "2 min".');

/** More than any budget could try. */
const mostBatchSizes = 1000;

/** Sizes to try: each once, and limits the right way round. */
const batchSizesSchema = z
  .union([
    z.strictObject({
      min: z
        .number()
        .int()
        .min(1)
        .default(8)
        .describe('The smallest batch size tried; its doublings follow.'),
      max: z
        .number()
        .int()
        .min(1)
        .describe('The largest batch size tried. Default: what fits, at most every sample.')
        .optional(),
    }),
    z.array(z.number().int().min(1)).min(1),
  ])
  .superRefine((sizes, context) => {
    if (!Array.isArray(sizes)) {
      const { min, max } = sizes;
      if (max === undefined || min <= max) return;
      context.addIssue({
        code: 'custom',
        ...broken('configMinAboveMax', { minimum: min, maximum: max }),
      });
      return;
    }
    if (sizes.length > mostBatchSizes) {
      const values = { count: sizes.length, most: mostBatchSizes };
      context.addIssue({ code: 'custom', ...broken('configManyBatchSizes', values) });
      return;
    }
    const seen = new Set<number>();
    sizes.forEach((batchSize, index) => {
      if (seen.size < seen.add(batchSize).size) return;
      context.addIssue({
        code: 'custom',
        path: [index],
        ...broken('configDuplicateBatchSize', { batchSize }),
      });
    });
  });

const tuningSchema = z
  .strictObject({
    objective: z.enum(objectives).default('time').describe('What "best" means.'),
    batchSizes: batchSizesSchema.default({ min: 8 }).meta({
      description: 'The sizes to try: min, its doublings and max; or a list.',
      examples: [{ min: 8, max: 4096 }, [16, 32, 64, 128]],
    }),
    memoryLimit: bytes
      .meta({ examples: ['2 GB', '512 MiB'] })
      .describe(
        'The most device memory to use, data and evaluation included: a number of bytes, or a size such as "2 GB". Default: what the device has free, less a margin.',
      )
      .optional(),
    budget: duration
      .meta({ examples: ['60 s', '2 min'] })
      .default('2 min')
      .describe('The most time a sweep may take: seconds, or a duration such as "2 min".'),
    targetLoss: z.number().describe('The loss to reach. Default: chosen by a pilot.').optional(),
    targetMetric: z
      .enum(['loss', 'accuracy'])
      .default('loss')
      .describe('Measured on validation data.'),
    learningRateScaling: z
      .enum(['auto', 'linear', 'sqrt', 'none'])
      .default('auto')
      .describe('How the learning rate follows the batch size.'),
  })
  .describe('How batch sizes are tried and compared.');

const programKinds = ['python', 'module', 'command'] as const;

const trainerSchema = z
  .strictObject({
    python: path(
      'A Python script or notebook that trains. It is run unchanged: trusted workspaces only.',
      'train.py',
    ).optional(),
    module: z
      .string()
      .regex(/^[A-Za-z_][\w.]*$/)
      .meta({ description: 'A Python module, run as with python -m.', examples: ['pkg.train'] })
      .optional(),
    command: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        description:
          'A program in any language. {batchSize}, {learningRate} and {seed} are filled in; for each update it prints a line such as {"loss": 0.5, "samples": 32}.',
        examples: [['./train', '--batch', '{batchSize}', '--lr', '{learningRate}']],
      })
      .optional(),
    args: z
      .array(z.string())
      .default([])
      .meta({ description: "The script's own arguments.", examples: [['--epochs', '30']] }),
    interpreter: z
      .string()
      .min(1)
      .meta({
        description:
          "The Python that runs it. Default: the Python extension's environment, else the nearest .venv, else python3.",
        examples: ['.venv/bin/python'],
      })
      .optional(),
    cwd: z
      .string()
      .min(1)
      .describe("The folder it is run in. Default: the config's own.")
      .optional(),
    launcher: z
      .array(z.string().min(1))
      .default([])
      .meta({
        description: 'Put before the command; must forward stdin and stdout.',
        examples: [['srun', '--gres=gpu:1']],
      }),
    env: z
      .record(z.string(), z.string())
      .default({})
      .describe('Environment variables that are set for it.'),
    validation: z
      .string()
      .min(1)
      .describe(
        'A function of the script that returns the validation loss. Default: what the framework evaluates, else the training loss is compared.',
      )
      .optional(),
  })
  .superRefine((trainer, context) => {
    const found = programKinds.filter((kind) => trainer[kind] !== undefined);
    const options = programKinds.map((kind) => `"${kind}"`).join(', ');
    if (found.length === 1) return;
    context.addIssue({
      code: 'custom',
      ...(found.length === 0
        ? broken('configTrainerNone', { options })
        : broken('configTrainerSeveral', {
            found: found.map((kind) => `"${kind}"`).join(', '),
            options,
          })),
    });
  })
  .describe(
    'Your own training, in place of model and data: exactly one of python, module, command.',
  );

/** A config whose model Batchwise trains itself, on data that it reads. */
export const configSchema = z.strictObject({
  $schema: z.string().describe('The JSON schema of this file.').optional(),
  model: modelSchema,
  data: dataSchema,
  training: trainingSchema.prefault({}),
  tuning: tuningSchema.prefault({}),
  backend: z
    .enum(['auto', ...backendNames])
    .default('auto')
    .describe('What to train on. auto: the fastest hardware this machine has.'),
  sources: z
    .array(path('A source file.', 'src/train.ts'))
    .default([])
    .describe('Source files this config stands for: only there are its measurements shown.'),
});

/** A config of either way: a model and data, or a training of the person's own. */
export const anyConfigSchema = z
  .strictObject({
    ...configSchema.shape,
    model: modelSchema.optional(),
    data: dataSchema.optional(),
    trainer: trainerSchema.optional(),
  })
  .superRefine((config, context) => {
    for (const key of ['model', 'data'] as const) {
      const isGiven = config[key] !== undefined;
      if (config.trainer !== undefined && isGiven) {
        context.addIssue({
          code: 'custom',
          path: [key],
          ...broken('configBesideTrainer', { key }),
        });
      } else if (config.trainer === undefined && !isGiven) {
        context.addIssue({ code: 'invalid_type', expected: 'object', path: [key] });
      }
    }
  })
  .meta({ anyOf: [{ required: ['model', 'data'] }, { required: ['trainer'] }] });

/** A validated config with its defaults filled in; paths are still as written. */
export type Config = z.infer<typeof configSchema>;
/** As Config, or with a trainer in place of model and data. */
export type AnyConfig = z.infer<typeof anyConfigSchema>;
export type TrainerSettings = NonNullable<AnyConfig['trainer']>;

/** True where Batchwise trains the model itself. */
export function hasModel(config: AnyConfig): config is AnyConfig & Config {
  return config.model !== undefined && config.data !== undefined;
}

export type LossName = (typeof losses)[number];
export type LossSettings = z.infer<typeof lossSchema>;

/** A loss with its settings, however the config writes it. */
export function lossSettings(loss: LossName | LossSettings): LossSettings {
  return typeof loss === 'string' ? { name: loss } : loss;
}
export type OptimizerName = (typeof optimizers)[number];
export type OptimizerSettings = z.infer<typeof optimizerSchema>;
