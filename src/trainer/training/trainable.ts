import type { Optimizer, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model with all that training it takes. */
export interface Trainable {
  readonly model: LayersModel;
  readonly optimizer: Optimizer;
  /** The loss of each sample, [batch], regularization not included. */
  losses(labels: Tensor, outputs: Tensor): Tensor1D;
  /** The same, as training minimizes it, where classes are weighted. */
  weighted?: (labels: Tensor, outputs: Tensor) => Tensor1D;
  /** 1 for each sample that is classified rightly, else 0, [batch]; null for regression. */
  hits: ((labels: Tensor, outputs: Tensor) => Tensor1D) | null;
}
