import * as z from 'zod';
import { backendNames, objectives } from '../core/result';

/**
 * The workspace file `batchwise.json`. This schema is the only source: the types, the validator and
 * the JSON schema that editors complete from are all derived from it.
 */

const path = (description: string) => z.string().min(1).describe(description);

const modelSchema = z
  .strictObject({
    topology: path(
      'A layers model as JSON: tfjs, Keras 2 or Keras 3, bare or as model.save() wraps it.',
    ).optional(),
    layers: z
      .array(z.object({ className: z.string(), config: z.record(z.string(), z.unknown()) }))
      .min(1)
      .describe('The layers of a sequential model, each {"className", "config"}.')
      .optional(),
    module: path(
      'A module that exports createModel(tf). It runs code: trusted workspaces only.',
    ).optional(),
  })
  .describe('The model: exactly one of topology, layers and module.');

const dataSchema = z
  .strictObject({
    train: path(
      'Training data: .csv, .tsv, .jsonl, .npy, .npz, IDX (.gz too), a folder of images by class, or a module that exports load(tf).',
    ),
    labels: path('The labels, when they are a separate file (IDX, NPY).').optional(),
    label: z.string().min(1).describe("The label's column or key (CSV, JSONL, NPZ).").optional(),
    features: z
      .array(z.string().min(1))
      .min(1)
      .describe('Columns or keys to train on. Default: every other numeric column.')
      .optional(),
    normalize: z.boolean().default(true).describe('Standardize columns; scale bytes to 0..1.'),
    validation: z
      .union([z.number().gt(0).lt(1), path('A file like train.')])
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
] as const;
export const optimizers = ['sgd', 'momentum', 'adam', 'rmsprop', 'adagrad', 'adamax'] as const;

const optimizerSchema = z.strictObject({
  name: z.enum(optimizers),
  momentum: z.number().min(0).lt(1).optional(),
  nesterov: z.boolean().optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  epsilon: z.number().positive().optional(),
  decay: z.number().min(0).optional(),
});

const trainingSchema = z
  .strictObject({
    loss: z
      .enum(losses)
      .describe('The loss to minimize. Default: the one the model was compiled with.')
      .optional(),
    optimizer: z
      .union([z.enum(optimizers), optimizerSchema])
      .describe(
        'The optimizer, by name or with its settings. Default: the one the model was compiled with, else adam.',
      )
      .optional(),
    learningRate: z
      .number()
      .positive()
      .describe('The learning rate that suits batchSize. Default: the compiled one, else 0.001.')
      .optional(),
    batchSize: z.number().int().positive().default(32).describe('Samples per update (iteration).'),
    epochs: z.number().int().positive().default(10).describe('How often every sample is seen.'),
    seed: z
      .number()
      .int()
      .min(0)
      .default(42)
      .describe('Seeds initial weights, shuffling and dropout.'),
  })
  .describe("How the model is trained. Takes the place of a topology's training_config.");

const bytes = z
  .union([
    z.number().int().positive(),
    z.string().regex(/^\s*\d+(\.\d+)?\s*([kKMGT]i?)?B?\s*$/, 'a size such as "2 GB"'),
  ])
  .describe('A number of bytes, or a size such as "2 GB".');

const duration = z
  .union([
    z.number().positive(),
    z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|sec|min|m|h)?\s*$/, 'a duration such as "2 min"'),
  ])
  .describe('Seconds, or a duration such as "2 min".');

const tuningSchema = z
  .strictObject({
    objective: z.enum(objectives).default('time').describe('What "best" means.'),
    batchSizes: z
      .union([
        z.strictObject({
          min: z.number().int().positive().default(8),
          max: z.number().int().positive().optional(),
        }),
        z.array(z.number().int().positive()).min(1),
      ])
      .default({ min: 8 })
      .describe('The sizes to try: min, its doublings and max; or a list.'),
    memoryLimit: bytes.optional(),
    budget: duration.default('2 min'),
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

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  model: modelSchema,
  data: dataSchema,
  training: trainingSchema.prefault({}),
  tuning: tuningSchema.prefault({}),
  backend: z
    .enum(['auto', ...backendNames])
    .default('auto')
    .describe('What to train on. auto: the fastest hardware this machine has.'),
  sources: z
    .array(path('A source file.'))
    .default([])
    .describe('Source files this config stands for: only there are its measurements shown.'),
});

/** A validated config with its defaults filled in; paths are still as written. */
export type Config = z.infer<typeof configSchema>;
export type LossName = (typeof losses)[number];
export type OptimizerName = (typeof optimizers)[number];
export type OptimizerSettings = z.infer<typeof optimizerSchema>;
