import { add, mul, reshape, slice, tidy, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { PackedPart } from '../data/dataset';
import type { Outputs, TrainedMetric, Trainable } from '../training/trainable';
import { product } from '../data/rawData';
import type { OutputMetric } from './metrics';
import type { OutputObjective } from './objective';

/** What a model is trained for. */
export type Objective = Pick<Trainable, 'losses' | 'weighted' | 'judged' | 'hits'>;

/** One of the outputs that are trained. */
export interface TrainedOutput {
  readonly name: string;
  readonly objective: OutputObjective;
  /** How much its loss counts in the sum. */
  readonly weight: number;
  /** Its place among the model's outputs. */
  readonly index: number;
  /** Its labels within packed rows; null where rows hold nothing else. */
  readonly labels: Pick<PackedPart, 'offset' | 'shape'> | null;
}

/** A metric of one output, for a trainable that has several. */
export function trainedMetric(
  { name, width, sums, value }: OutputMetric,
  output: TrainedOutput,
): TrainedMetric {
  return { name, width, value, sums: of(output, sums) };
}

type EachLoss = (labels: Tensor, output: Tensor, mask?: Tensor | null) => Tensor1D;

/** The only output of a model. */
export function onlyOutput(objective: OutputObjective): TrainedOutput {
  return { name: '', objective, weight: 1, index: 0, labels: null };
}

/** The objective of a model with one output. */
export function objectiveOf(objective: OutputObjective): Objective {
  return sumOfObjectives([onlyOutput(objective)], null);
}

/**
 * The weighted sum of the losses of several outputs, as Keras sums them.
 * @param target the output whose loss and accuracy are judged; null for the sum, and for the
 *   accuracy of the first output of classes
 * @param weights where rows of labels hold how much their sample counts in training
 */
export function sumOfObjectives(
  outputs: readonly TrainedOutput[],
  target: string | null,
  weights: Pick<PackedPart, 'offset' | 'shape'> | null = null,
): Objective {
  const judged = outputs.find(({ name }) => name === target);
  const classified = judged ?? outputs.find(({ objective }) => objective.hits !== null);
  const isWeighted = outputs.some(({ objective }) => objective.weighted !== undefined);
  const weighted = sumOf(outputs, ({ objective }) => objective.weighted ?? objective.losses);
  return {
    losses: sumOf(outputs, ({ objective }) => objective.losses),
    ...(weights
      ? {
          weighted: (labels, given) =>
            tidy(() => mul<Tensor1D>(weighted(labels, given), partOf(labels, weights))),
        }
      : isWeighted && { weighted }),
    ...(judged && outputs.length > 1 && { judged: of(judged, judged.objective.losses) }),
    hits: classified?.objective.hits ? of(classified, classified.objective.hits) : null,
  };
}

function sumOf(
  outputs: readonly TrainedOutput[],
  lossOf: (output: TrainedOutput) => EachLoss,
): Objective['losses'] {
  const each = outputs.map((output) => ({ ...output, loss: of(output, lossOf(output)) }));
  const [only] = each;
  if (only && each.length === 1 && only.weight === 1) return only.loss;
  return (labels, given) =>
    tidy(() => {
      const losses = each.map(({ loss, weight }) => {
        const own = loss(labels, given);
        return weight === 1 ? own : mul<Tensor1D>(own, weight);
      });
      return losses.reduce((sum, loss) => add(sum, loss));
    });
}

function of({ index, labels: part }: TrainedOutput, loss: EachLoss): Objective['losses'] {
  return (labels, { tensors, masks }: Outputs) => {
    const output = tensors[index];
    if (!output) throw new Error(`The model has no output ${index}.`);
    const mask = masks[index] ?? null;
    if (!part) return loss(labels, output, mask);
    return tidy(() => loss(partOf(labels, part), output, mask));
  };
}

/** Splits a batch of packed rows into the inputs of a model. */
export function inputsOf(parts: readonly Pick<PackedPart, 'offset' | 'shape'>[]) {
  return (rows: Tensor): Tensor[] => parts.map((part) => partOf(rows, part));
}

function partOf(rows: Tensor, { offset, shape }: Pick<PackedPart, 'offset' | 'shape'>): Tensor {
  const [count = 0] = rows.shape;
  return tidy(() => reshape(slice(rows, [0, offset], [count, product(shape)]), [count, ...shape]));
}
