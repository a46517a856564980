import {
  engine,
  getBackend,
  getKernel,
  registerGradient,
  type GradConfig,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

/** Kernels that normalize a batch, and take its gradients, in a few passes over it. */
export const batchNormalizationKernels = {
  forward: 'BatchwiseBatchNormalization',
  gradient: 'BatchwiseBatchNormalizationGradient',
};

export interface BatchNormalizationInputs {
  /** Any shape with the channels last. */
  readonly x: Tensor;
  /** [channels] */
  readonly scale: Tensor1D;
  /** [channels] */
  readonly offset: Tensor1D;
}

/** True where the present backend has these kernels. */
export function hasBatchNormalizationKernel(): boolean {
  return Boolean(getKernel(batchNormalizationKernels.forward, getBackend()));
}

/**
 * (x − mean) / √(variance + ε) · scale + offset, with the mean and variance of each channel in this
 * batch (https://arxiv.org/abs/1502.03167), and these two, [channels] each; they have no gradients.
 */
export function normalizeBatch(
  inputs: BatchNormalizationInputs,
  epsilon: number,
): [y: Tensor, mean: Tensor1D, variance: Tensor1D] {
  const outputs = engine().runKernel<Tensor[]>(
    batchNormalizationKernels.forward,
    { ...inputs },
    { epsilon },
  );
  return outputs as [Tensor, Tensor1D, Tensor1D];
}

const gradient: GradConfig = {
  kernelName: batchNormalizationKernels.forward,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, true, true],
  gradFunc: (dy, saved, attrs) => {
    const [x, scale, mean, variance] = saved as [Tensor, Tensor1D, Tensor1D, Tensor1D];
    const [slope] = dy as Tensor[];
    const given = { dy: slope as Tensor, x, scale, mean, variance };
    const [dx, dScale, dOffset] = engine().runKernel<Tensor[]>(
      batchNormalizationKernels.gradient,
      given,
      attrs,
    ) as [Tensor, Tensor, Tensor];
    return { x: () => dx, scale: () => dScale, offset: () => dOffset };
  },
};

/** For backends that have the kernels. */
export function registerBatchNormalizationGradient(): void {
  registerGradient(gradient);
}
