import { getBackend, getKernel } from '@tensorflow/tfjs-core';

/**
 * Optimizers, besides Adam, whose update is one kernel where a backend has it. A kernel takes
 * `weights`, `gradient` and the rule's slots by name, and changes all but the gradient in place: no
 * other tensor may share their values. Its attributes are those of `numbersOf` the rule.
 */
export type UpdateName = 'sgd' | 'momentum' | 'rmsprop' | 'adagrad';

export const updateKernelName = (update: UpdateName) => `BatchwiseUpdate/${update}`;

/** True where the present backend has such a kernel. */
export function hasUpdateKernel(update: UpdateName): boolean {
  return Boolean(getKernel(updateKernelName(update), getBackend()));
}

/** The numbers of a step; those that a rule does not use are ignored. */
export interface UpdateNumbers {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** How much of RMSProp's mean square is kept. */
  readonly decay: number;
  readonly epsilon: number;
}
