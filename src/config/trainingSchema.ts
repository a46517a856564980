import * as z from 'zod';
import { lossNames, type LossName } from '../core/model/losses';

const lossSchema = z.strictObject({
  name: z.enum(lossNames).describe('The loss.'),
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
  'adadelta',
  'nadam',
  'ftrl',
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
    .describe('Decay of the first moment (adam, adamw, adamax, nadam, lion).')
    .optional(),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .describe('Decay of the second moment (adam, adamw, adamax, nadam, lion).')
    .optional(),
  epsilon: z.number().positive().describe('Keeps divisions away from zero.').optional(),
  decay: z
    .number()
    .min(0)
    .describe('Decay of the squared gradient (rmsprop, adadelta) or of the learning rate (adamax).')
    .optional(),
  weightDecay: z
    .number()
    .min(0)
    .describe(
      'Decoupled weight decay: at every update, weights shrink by learningRate × weightDecay. Default: 0, adamw 0.004.',
    )
    .optional(),
});

/** `training` of a config: loss, optimizer and how long. */
export const trainingSchema = z
  .strictObject({
    loss: z
      .union([z.enum(lossNames), lossSchema])
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
    losses: z
      .record(z.string().min(1), z.union([z.enum(lossNames), lossSchema]))
      .meta({
        description:
          'For a model of several outputs: the loss of each, by its name. An output that is not named is not trained. Default: "loss" for all of them.',
        examples: [{ species: 'categoricalCrossentropy', weight: 'meanSquaredError' }],
      })
      .optional(),
    lossWeights: z
      .record(z.string().min(1), z.number().min(0))
      .meta({
        description:
          'How much the loss of each output counts in the sum that is minimized. Default: as compiled, else 1.',
        examples: [{ species: 1, weight: 0.2 }],
      })
      .optional(),
  })
  .describe("How the model is trained. Takes the place of a topology's training_config.");

export type LossSettings = z.infer<typeof lossSchema>;

/** A loss with its settings, however the config writes it. */
export function lossSettings(loss: LossName | LossSettings): LossSettings {
  return typeof loss === 'string' ? { name: loss } : loss;
}
export type OptimizerName = (typeof optimizers)[number];
export type OptimizerSettings = z.infer<typeof optimizerSchema>;
