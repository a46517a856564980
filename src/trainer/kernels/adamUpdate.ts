import {
  engine,
  util,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Simd } from './simd/simd';

const kernelName = 'BatchwiseAdam';

/** One step of Adam: the learning rate over 1 − β₁ᵗ, and 1 / (1 − β₂ᵗ), are the caller's. */
export interface AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly rate: number;
  readonly secondCorrection: number;
  readonly epsilon: number;
}

/** Updates weights and both moments in place: no other tensor may share their values. */
export function adamKernel(simd: Simd): KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { weights, first, second, gradient } = inputs as Record<string, TensorInfo>;
      const tensors = [weights, first, second, gradient];
      const [w = 0, m = 0, v = 0, g = 0] = tensors.map((tensor) =>
        tensor ? simd.address(tensor) : 0,
      );
      const { beta1, beta2, rate, secondCorrection, epsilon } = attrs as unknown as AdamStep;
      const floats = util.sizeFromShape(weights?.shape ?? [0]);
      simd.functions.adam(floats, w, m, v, g, beta1, beta2, rate, secondCorrection, epsilon);
      return [];
    },
  };
}

/** The names of the backends whose kernel this is. */
export const adamBackends: readonly string[] = ['wasm'];

/** Runs the kernel of the present backend. */
export function updateInPlace(
  tensors: Readonly<Record<'weights' | 'first' | 'second' | 'gradient', Tensor>>,
  step: AdamStep,
): void {
  engine().runKernel(kernelName, { ...tensors }, { ...step });
}
