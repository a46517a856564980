import {
  engine,
  getBackend,
  getKernel,
  util,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Simd } from './simd/simd';

export const adamKernelName = 'BatchwiseAdam';

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
    kernelName: adamKernelName,
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

/** What a JavaScript backend keeps of a tensor. */
interface JsBackend {
  readonly data: { get(dataId: object): { values?: unknown } };
}

/** The same on arrays, for tfjs's plain backend. */
export const cpuAdamKernel: KernelConfig = {
  kernelName: adamKernelName,
  backendName: 'cpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { beta1, beta2, rate, secondCorrection, epsilon } = attrs as unknown as AdamStep;
    const { data } = backend as JsBackend;
    const valuesOf = (name: string) => {
      const values = data.get((inputs[name] as TensorInfo).dataId).values;
      if (values instanceof Float32Array) return values;
      throw new Error(`Adam updates float32 values only, and those of ${name} are not.`);
    };
    const [w, m, v] = [valuesOf('weights'), valuesOf('first'), valuesOf('second')];
    valuesOf('gradient').forEach((g, at) => {
      const first = (m[at] ?? 0) * beta1 + g * (1 - beta1);
      const second = (v[at] ?? 0) * beta2 + g * g * (1 - beta2);
      m[at] = first;
      v[at] = second;
      w[at] = (w[at] ?? 0) - (rate * first) / (Math.sqrt(second * secondCorrection) + epsilon);
    });
    return [];
  },
};

/** True where the present backend has such a kernel. */
export function canUpdateInPlace(): boolean {
  return Boolean(getKernel(adamKernelName, getBackend()));
}

/** Runs the kernel of the present backend. */
export function updateInPlace(
  tensors: Readonly<Record<'weights' | 'first' | 'second' | 'gradient', Tensor>>,
  step: AdamStep,
): void {
  engine().runKernel(adamKernelName, { ...tensors }, { ...step });
}
