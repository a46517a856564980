import {
  cast,
  clipByValue,
  customGrad,
  engine,
  expandDims,
  getBackend,
  getKernel,
  log,
  mul,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

export const crossEntropyKernelName = 'BatchwiseCrossEntropy';

/** True where the present backend computes the cross-entropy of classes in one kernel. */
export function hasCrossEntropyKernel(): boolean {
  return Boolean(getKernel(crossEntropyKernelName, getBackend()));
}

/**
 * −log of each sample's probability of its class, [batch], with tfjs layers' clipping: of the
 * probabilities, and again once they are divided by their sum.
 * @param classes indices below the number of probabilities, [batch]
 * @param probabilities [batch, classes]
 */
export function classLosses(classes: Tensor1D, probabilities: Tensor2D, epsilon: number): Tensor1D {
  return tidy(() => {
    const logarithms = log(clipByValue(probabilities, epsilon, 1 - epsilon));
    const labels = cast(classes, 'int32');
    // The softmax of logarithms of probabilities is what those are over their sum.
    const losses = customGrad((logits, save) => {
      const [value, slopes] = engine().runKernel<Tensor[]>(crossEntropyKernelName, {
        logits: logits as Tensor,
        labels,
      }) as [Tensor1D, Tensor2D];
      (save as (tensors: Tensor[]) => void)([slopes]);
      return {
        value,
        gradFunc: (dy, [saved]) => mul(saved as Tensor, expandDims(dy, 1)),
      };
    })(logarithms);
    return clipByValue(losses as Tensor1D, -Math.log(1 - epsilon), -Math.log(epsilon));
  });
}
