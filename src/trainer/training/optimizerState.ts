import type { Optimizer, Tensor } from '@tensorflow/tfjs-core';

/**
 * Changes the learning rate of an optimizer, keeping its state. By what it can, not by its class:
 * tfjs lets `instanceof` hold between all its optimizers.
 */
export function setLearningRate(optimizer: Optimizer, learningRate: number): void {
  const settable = optimizer as unknown as {
    learningRate: number;
    setLearningRate?: (learningRate: number) => void;
  };
  if (settable.setLearningRate) settable.setLearningRate(learningRate);
  else settable.learningRate = learningRate;
}

/**
 * What an adaptive optimizer divides the square of each gradient by, without its ε: one tensor for
 * each trained variable, in their order; null for an optimizer that treats all alike, or that has
 * taken no step yet. A common factor (Adam's bias correction) is left out: it cancels in the noise
 * scale. The caller must not dispose of them.
 */
export async function secondMoments(
  optimizer: Optimizer,
  variables: number,
): Promise<readonly Tensor[] | null> {
  // Which of the saved state they are. Others are not asked: tfjs's Adamax throws.
  const first = { Adam: variables, RMSProp: 0, Adagrad: 0 }[optimizer.getClassName()];
  if (first === undefined) return null;
  const [iterations, ...state] = await optimizer.getWeights();
  iterations?.tensor.dispose();
  const tensors = state.map(({ tensor }) => tensor);
  return tensors.length < variables ? null : tensors.slice(first, first + variables);
}
