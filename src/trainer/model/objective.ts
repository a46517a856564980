import {
  argMax,
  cast,
  clipByValue,
  equal,
  greater,
  mean,
  oneHot,
  reshape,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { metrics } from '@tensorflow/tfjs-layers';
import type { LossName } from '../../config/schema';
import { classLosses, hasCrossEntropyKernel } from '../kernels/crossEntropy';
import type { Trainable } from '../training/trainable';

/** What a model is trained for: the loss and, for classes, the hits of each sample. */
export type Objective = Pick<Trainable, 'losses' | 'hits'>;

/** The clipping that tfjs layers (and Keras) put on probabilities before a logarithm. */
const epsilon = 1e-7;

/**
 * Losses by tfjs layers' own definitions, on probabilities (not logits). Labels come as the data
 * has them: class indices or numbers [batch], or values of the output's shape; categorical losses
 * get theirs one-hot here. Outputs are [batch, …]; a loss is the mean over a sample's positions.
 */
export function createObjective(loss: LossName): Objective {
  switch (loss) {
    case 'categoricalCrossentropy':
      return {
        losses: (labels, outputs) =>
          perSample(() => metrics.categoricalCrossentropy(oneHotOf(labels, outputs), outputs)),
        hits: categoricalHits,
      };
    case 'sparseCategoricalCrossentropy':
      return {
        losses: (labels, outputs) =>
          perSample(() => {
            if (labels.rank === 1 && outputs.rank === 2 && hasCrossEntropyKernel())
              return classLosses(labels as Tensor1D, outputs as Tensor2D, epsilon);
            const clipped = clipByValue(outputs, epsilon, 1 - epsilon);
            return metrics.categoricalCrossentropy(oneHotOf(labels, outputs), clipped);
          }),
        hits: categoricalHits,
      };
    case 'binaryCrossentropy':
      return {
        losses: (labels, outputs) =>
          perSample(() => metrics.binaryCrossentropy(shapedAs(outputs, labels), outputs)),
        hits: (labels, outputs) =>
          perSample(() => equal(greater(outputs, 0.5), greater(shapedAs(outputs, labels), 0.5))),
      };
    case 'meanSquaredError':
      return {
        losses: (labels, outputs) =>
          perSample(() => metrics.meanSquaredError(shapedAs(outputs, labels), outputs)),
        hits: null,
      };
    case 'meanAbsoluteError':
      return {
        losses: (labels, outputs) =>
          perSample(() => metrics.meanAbsoluteError(shapedAs(outputs, labels), outputs)),
        hits: null,
      };
  }
}

function categoricalHits(labels: Tensor, outputs: Tensor): Tensor1D {
  return perSample(() => {
    const truth = labels.shape.length === outputs.shape.length ? argMax(labels, -1) : labels;
    return equal(cast(truth, 'int32'), argMax(outputs, -1));
  });
}

/** Class indices [batch, …] as rows of the output's last axis; rows as they are. */
function oneHotOf(labels: Tensor, outputs: Tensor): Tensor {
  if (labels.shape.length === outputs.shape.length) return labels;
  return oneHot(cast(labels, 'int32'), outputs.shape.at(-1) ?? 1);
}

function shapedAs(outputs: Tensor, labels: Tensor): Tensor {
  return reshape(labels, outputs.shape);
}

/** The mean over all axes but the first. */
function perSample(compute: () => Tensor): Tensor1D {
  return tidy(() => {
    const values = cast(compute(), 'float32');
    const rest = values.shape.map((_, axis) => axis).slice(1);
    return rest.length === 0 ? (values as Tensor1D) : mean<Tensor1D>(values, rest);
  });
}
