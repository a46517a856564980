import {
  engine,
  getBackend,
  getKernel,
  matMul,
  registerGradient,
  sum,
  type GradConfig,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { passWithin } from './simd/activations';

/** Kernels of dense layers: x · weights + bias, without and with a cut below zero. */
export const denseKernelNames = { linear: 'BatchwiseDense', relu: 'BatchwiseDenseRelu' };

type DenseActivation = keyof typeof denseKernelNames;

/** Inputs of these kernels, by name. */
interface DenseInputs {
  /** [batch, inputs] */
  readonly x: Tensor2D;
  /** [inputs, units] */
  readonly weights: Tensor2D;
  /** [units] */
  readonly bias?: Tensor1D;
}

/** True where the present backend computes a dense layer in one kernel. */
export function hasDenseKernel(): boolean {
  return Boolean(getKernel(denseKernelNames.linear, getBackend()));
}

/** The layer's outputs, [batch, units]. */
export function denseLayer(inputs: DenseInputs, activation: DenseActivation): Tensor2D {
  return engine().runKernel(denseKernelNames[activation], { ...inputs });
}

/** Where no gradient of x is asked for, as in the first layer, none is computed. */
function gradientsOf(slope: Tensor, [x, weights]: readonly Tensor[]) {
  return {
    x: () => matMul(slope, weights as Tensor2D, false, true),
    weights: () => matMul(x as Tensor2D, slope, true, false),
    bias: () => sum(slope, 0),
  };
}

const linear: GradConfig = {
  kernelName: denseKernelNames.linear,
  inputsToSave: ['x', 'weights'],
  gradFunc: (dy, saved) => gradientsOf(dy as Tensor, saved),
};

const relu: GradConfig = {
  kernelName: denseKernelNames.relu,
  inputsToSave: ['x', 'weights'],
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const y = saved.at(-1) as Tensor;
    const bounds = { lowest: 0, highest: Infinity, open: true };
    const slope = engine().runKernel<Tensor>(passWithin, { dy: dy as Tensor, x: y }, bounds);
    return gradientsOf(slope, saved);
  },
};

/** For backends that have the kernels. */
export function registerDenseGradients(): void {
  registerGradient(linear);
  registerGradient(relu);
}
