import type { Optimizer, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** What a model makes of a batch, in the order of its outputs. */
export interface Outputs {
  readonly tensors: readonly Tensor[];
  /** Which steps of an output count, where it keeps a mask. */
  readonly masks: readonly (Tensor | null)[];
}

/** A metric besides loss and accuracy, from sums over the samples. */
export interface TrainedMetric {
  readonly name: string;
  /** How many sums there are. */
  readonly width: number;
  /** Sums over a batch, [width]. */
  readonly sums: (labels: Tensor, outputs: Outputs) => Tensor1D;
  /** @returns null where it is not defined */
  readonly value: (sums: readonly number[], samples: number) => number | null;
}

/** A model with all that training it takes. */
export interface Trainable {
  readonly model: LayersModel;
  readonly optimizer: Optimizer;
  /** Takes the model's inputs out of a batch of packed rows; left out where rows are its only one. */
  inputs?: ((features: Tensor) => Tensor[]) | undefined;
  /** The masks that the outputs kept in the last call; left out for a model without masks. */
  takeMasks?: (() => (Tensor | null)[]) | undefined;
  /** The loss of each sample, [batch], regularization not included. */
  readonly losses: (labels: Tensor, outputs: Outputs) => Tensor1D;
  /** The same, as training minimizes it, where classes are weighted. */
  weighted?: ((labels: Tensor, outputs: Outputs) => Tensor1D) | undefined;
  /** The same, as the target is measured, where that is the loss of one output. */
  judged?: ((labels: Tensor, outputs: Outputs) => Tensor1D) | undefined;
  /** What the model was compiled with. */
  metrics?: readonly TrainedMetric[] | undefined;
  /** 1 for each sample that is classified rightly, else 0, [batch]; null for regression. */
  hits: ((labels: Tensor, outputs: Outputs) => Tensor1D) | null;
}
