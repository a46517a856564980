import * as z from 'zod';
import { backendNames, objectives } from '../core/sweep/result';
import { dataSchema } from './dataSchema';
import { broken, path } from './schemaParts';
import { trainingSchema } from './trainingSchema';
import { bytesPattern, durationPattern, parseBytes, parseDuration } from './units';

/**
 * The workspace file `batchwise.json`. This schema is the only source: the types, the validator and
 * the JSON schema that editors complete from are all derived from it.
 */

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
    weights: z
      .enum(['saved', 'random'])
      .describe(
        "Where training starts from when the topology's file has weights: at those, or at random ones as a new model does. Default: saved.",
      )
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
    targetOutput: z
      .string()
      .min(1)
      .describe(
        'For a model of several outputs: the one whose loss or accuracy is the target. Default: the sum of all losses; the accuracy of the first output of classes.',
      )
      .optional(),
    learningRateScaling: z
      .enum(['auto', 'linear', 'sqrt', 'none'])
      .default('auto')
      .describe('How the learning rate follows the batch size.'),
  })
  .describe('How batch sizes are tried and compared.');

const programKinds = ['python', 'module', 'command'] as const;

/** Also goes into the JSON schema, which knows no flags. */
export const rayAddressPattern = /^(auto|(ray:\/\/)?([^\s:/[\]]+|\[[\da-fA-F:.]+\]):[1-9]\d{0,4})$/;

const clusterSchema = z
  .strictObject({
    ray: z
      .string()
      .regex(rayAddressPattern)
      .meta({
        description:
          'A Ray cluster that runs: "auto" for the one of this machine or of RAY_ADDRESS, or its address.',
        examples: ['auto', '10.0.0.5:6379', 'ray://10.0.0.5:10001'],
      }),
    resources: z
      .record(z.string().min(1), z.number().positive())
      .default({})
      .meta({
        description:
          "What Ray reserves for each trial, by Ray's names. Default: a CPU, and a GPU where the cluster has any.",
        examples: [{ CPU: 4, GPU: 1 }],
      }),
  })
  .describe('Runs each trial in an actor of a cluster.');

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
    paths: z
      .record(z.string(), z.string())
      .default({})
      .meta({
        description:
          'Where folders of this machine are beyond the launcher or on the cluster. Default: at the same paths.',
        examples: [{ '/home/me/project': '/mnt/project' }],
      }),
    cluster: clusterSchema.optional(),
    env: z
      .record(z.string(), z.string())
      .default({})
      .describe('Environment variables that are set for it.'),
  })
  .superRefine((trainer, context) => {
    const found = programKinds.filter((kind) => trainer[kind] !== undefined);
    const options = programKinds.map((kind) => `"${kind}"`).join(', ');
    if (trainer.cluster && trainer.launcher.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['cluster'],
        ...broken('configLauncherAndCluster'),
      });
    }
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
    .describe('Source files that belong to this config: its measurements are shown only there.'),
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
