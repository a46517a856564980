import {
  abs,
  add,
  argMax,
  cast,
  clipByValue,
  div,
  equal,
  gather,
  greater,
  log,
  log1p,
  logSoftmax,
  max,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  oneHot,
  exp,
  pow,
  relu,
  reshape,
  sigmoid,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tensor1d,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { metrics } from '@tensorflow/tfjs-layers';
import { lossSettings, type LossSettings } from '../../config/trainingSchema';
import type { LossName } from '../../core/model/losses';
import { classLosses, hasCrossEntropyKernel } from '../kernels/crossEntropy';

/** What one output is trained for: the loss and, for classes, the hits of each sample, [batch]. */
export interface OutputObjective {
  readonly losses: (labels: Tensor, output: Tensor, mask?: Tensor | null) => Tensor1D;
  weighted?: (labels: Tensor, output: Tensor, mask?: Tensor | null) => Tensor1D;
  hits: ((labels: Tensor, output: Tensor, mask?: Tensor | null) => Tensor1D) | null;
}

/** The clipping that tfjs layers (and Keras) put on probabilities before a logarithm. */
const epsilon = 1e-7;

/** The loss at each position, [batch, …], or of the whole sample; labels in the output's shape. */
type EachLoss = (labels: Tensor, outputs: Tensor, settings: LossSettings) => Tensor;

/**
 * Losses as Keras defines them (https://keras.io/api/losses/), on probabilities, or on logits where
 * the settings say so. Labels come as the data has them: class indices or numbers [batch], or values
 * of the output's shape; categorical losses get theirs one-hot here. Outputs are [batch, …]; a loss
 * is the mean over a sample's positions, of those that a mask of the output leaves.
 */
export function outputObjective(loss: LossName | LossSettings): OutputObjective {
  const settings = lossSettings(loss);
  const { name, fromLogits = false } = settings;
  if (name === 'categoricalCrossentropy' || name === 'sparseCategoricalCrossentropy') {
    return {
      losses: (labels, outputs, mask) =>
        perSample(() => crossentropy(labels, outputs, settings), mask),
      hits: categoricalHits,
    };
  }
  const categorical = categoricalLosses[name];
  if (categorical) {
    return {
      losses: (labels, outputs, mask) =>
        perSample(
          () => categorical(cast(oneHotOf(labels, outputs), 'float32'), outputs, settings),
          mask,
        ),
      hits: categoricalHits,
    };
  }
  const each = numberLosses[name];
  if (!each) throw new Error(`There is no loss ${name}.`);
  return {
    losses: (labels, outputs, mask) =>
      perSample(() => each(shapedAs(outputs, labels), outputs, settings), mask),
    hits: binaryLosses.has(name)
      ? (labels, outputs, mask) =>
          perSample(() => {
            const border = fromLogits || name.endsWith('inge') ? 0 : 0.5;
            const truth = greater(shapedAs(outputs, labels), 0.5);
            return equal(greater(outputs, border), truth);
          }, mask)
      : null,
  };
}

/**
 * The same objective with training losses weighted by class; hits and evaluation stay as they are.
 * @param weights by class index
 */
export function withClassWeights(
  objective: OutputObjective,
  weights: readonly number[],
): OutputObjective {
  return {
    ...objective,
    weighted: (labels, outputs, mask) =>
      tidy(() => {
        const indices =
          labels.rank > 1 && labels.shape.at(-1) === weights.length ? argMax(labels, -1) : labels;
        const each = gather(tensor1d([...weights]), cast(reshape(indices, [-1]), 'int32'));
        return mul(objective.losses(labels, outputs, mask), each);
      }),
  };
}

function crossentropy(labels: Tensor, outputs: Tensor, settings: LossSettings): Tensor {
  const { name, fromLogits = false, labelSmoothing = 0 } = settings;
  const isSparse = name === 'sparseCategoricalCrossentropy';
  const isPlain = !fromLogits && labelSmoothing === 0;
  if (isSparse && isPlain && labels.rank === 1 && outputs.rank === 2 && hasCrossEntropyKernel())
    return classLosses(labels as Tensor1D, outputs as Tensor2D, epsilon);
  const classes = outputs.shape.at(-1) ?? 1;
  const exact = oneHotOf(labels, outputs);
  const truth =
    labelSmoothing === 0
      ? exact
      : add(mul(cast(exact, 'float32'), 1 - labelSmoothing), labelSmoothing / classes);
  if (fromLogits) return neg(sum(mul(cast(truth, 'float32'), logSoftmax(outputs)), -1));
  const clipped = isSparse ? clipByValue(outputs, epsilon, 1 - epsilon) : outputs;
  return metrics.categoricalCrossentropy(truth, clipped);
}

const categoricalLosses: Partial<Record<LossSettings['name'], EachLoss>> = {
  kullbackLeiblerDivergence: (labels, outputs) => {
    const truth = clipByValue(labels, epsilon, 1);
    return sum(mul(truth, log(div(truth, clipByValue(outputs, epsilon, 1)))), -1);
  },
  categoricalHinge: (labels, outputs) => {
    const right = sum(mul(labels, outputs), -1);
    const wrong = max(mul(sub(1, labels), outputs), -1);
    return relu(add(sub(wrong, right), 1));
  },
  categoricalFocalCrossentropy: (labels, outputs, { alpha = 0.25, gamma = 2, ...settings }) => {
    const logits = settings.fromLogits === true;
    const given = logits ? exp(logSoftmax(outputs)) : outputs;
    const shares = div(given, sum(given, -1, true));
    const clipped = clipByValue(shares, epsilon, 1 - epsilon);
    const { labelSmoothing = 0 } = settings;
    const classes = outputs.shape.at(-1) ?? 1;
    const truth = add(mul(labels, 1 - labelSmoothing), labelSmoothing / classes);
    const focus = mul(alpha, pow(sub(1, clipped), gamma));
    return neg(sum(mul(mul(truth, log(clipped)), focus), -1));
  },
};

/** Losses whose outputs stand for yes or no. */
const binaryLosses: ReadonlySet<LossSettings['name']> = new Set([
  'binaryCrossentropy',
  'binaryFocalCrossentropy',
  'hinge',
  'squaredHinge',
] as const);

const numberLosses: Partial<Record<LossSettings['name'], EachLoss>> = {
  binaryCrossentropy: (labels, outputs, { fromLogits = false, labelSmoothing = 0 }) => {
    const truth = smoothed(labels, labelSmoothing);
    return fromLogits
      ? binaryFromLogits(truth, outputs)
      : metrics.binaryCrossentropy(truth, outputs);
  },
  binaryFocalCrossentropy: (labels, outputs, { gamma = 2, fromLogits = false, ...settings }) => {
    const truth = smoothed(cast(labels, 'float32'), settings.labelSmoothing ?? 0);
    const chance = fromLogits ? sigmoid(outputs) : outputs;
    const clipped = clipByValue(chance, epsilon, 1 - epsilon);
    const against = sub(1, truth);
    const entropy = neg(add(mul(truth, log(clipped)), mul(against, log(sub(1, clipped)))));
    const certainty = add(mul(truth, chance), mul(against, sub(1, chance)));
    const focused = mul(pow(sub(1, certainty), gamma), entropy);
    const { alpha } = settings;
    return alpha === undefined
      ? focused
      : mul(add(mul(truth, alpha), mul(against, 1 - alpha)), focused);
  },
  hinge: (labels, outputs) => hinge(labels, outputs),
  squaredHinge: (labels, outputs) => square(hinge(labels, outputs)),
  meanSquaredError: (labels, outputs) => metrics.meanSquaredError(labels, outputs),
  meanAbsoluteError: (labels, outputs) => metrics.meanAbsoluteError(labels, outputs),
  meanAbsolutePercentageError: (labels, outputs) =>
    mul(100, abs(div(sub(labels, outputs), maximum(abs(labels), epsilon)))),
  meanSquaredLogarithmicError: (labels, outputs) =>
    square(sub(log1p(maximum(outputs, epsilon)), log1p(maximum(labels, epsilon)))),
  huber: (labels, outputs, { delta = 1 }) => {
    const error = abs(sub(outputs, labels));
    // Up to delta the square, beyond it the line that touches it there.
    const inner = minimum(error, delta);
    return add(mul(0.5, square(inner)), mul(delta, sub(error, inner)));
  },
  logCosh: (labels, outputs) => {
    const error = sub(outputs, labels);
    return sub(add(error, softplus(mul(error, -2))), Math.LN2);
  },
  poisson: (labels, outputs) => sub(outputs, mul(labels, log(add(outputs, epsilon)))),
  cosineSimilarity: (labels, outputs) => neg(sum(mul(unitLength(labels), unitLength(outputs)), -1)),
};

function smoothed(labels: Tensor, by: number): Tensor {
  return by === 0 ? labels : add(mul(cast(labels, 'float32'), 1 - by), by / 2);
}

/** max(x, 0) − x·z + log(1 + e^(−|x|)), which neither overflows nor rounds to zero. */
function binaryFromLogits(labels: Tensor, logits: Tensor): Tensor {
  return add(sub(relu(logits), mul(logits, cast(labels, 'float32'))), log1p(exp(neg(abs(logits)))));
}

/** Labels of 0 and 1 stand for −1 and 1. */
function hinge(labels: Tensor, outputs: Tensor): Tensor {
  return relu(sub(1, mul(sub(mul(cast(labels, 'float32'), 2), 1), outputs)));
}

function unitLength(x: Tensor): Tensor {
  return div(x, sqrt(maximum(sum(square(x), -1, true), 1e-12)));
}

function categoricalHits(labels: Tensor, outputs: Tensor, mask?: Tensor | null): Tensor1D {
  return perSample(() => {
    const truth = labels.shape.length === outputs.shape.length ? argMax(labels, -1) : labels;
    return equal(cast(truth, 'int32'), argMax(outputs, -1));
  }, mask);
}

/** Class indices [batch, …] as rows of the output's last axis; rows as they are. */
function oneHotOf(labels: Tensor, outputs: Tensor): Tensor {
  if (labels.shape.length === outputs.shape.length) return labels;
  return oneHot(cast(labels, 'int32'), outputs.shape.at(-1) ?? 1);
}

function shapedAs(outputs: Tensor, labels: Tensor): Tensor {
  return reshape(labels, outputs.shape);
}

/**
 * The mean over all axes but the first. Positions that a mask hides count nothing, and those that
 * are left the more, so that the mean over the batch is one over them, as Keras has it.
 */
function perSample(compute: () => Tensor, mask: Tensor | null = null): Tensor1D {
  return tidy(() => {
    const values = masked(cast(compute(), 'float32'), mask);
    const rest = values.shape.map((_, axis) => axis).slice(1);
    return rest.length === 0 ? (values as Tensor1D) : mean<Tensor1D>(values, rest);
  });
}

function masked(values: Tensor, mask: Tensor | null): Tensor {
  if (!mask || mask.rank < 2 || mask.shape.some((length, axis) => length !== values.shape[axis]))
    return values;
  const kept = cast(mask, 'float32');
  const share = div(mask.size, add(sum(kept), epsilon));
  const ones = values.shape.slice(mask.rank).map(() => 1);
  return mul(values, reshape(mul(kept, share), [...mask.shape, ...ones]));
}
