import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelConfig,
} from '@tensorflow/tfjs-core';
import { conv2dBackpropFilterKernel } from './conv2dBackpropFilter';
import { conv2dBackpropInputKernel } from './conv2dBackpropInput';
import { conv3dBackpropInputKernel } from './conv3dBackpropInput';
import { convolutionKernels } from './convolutions';
import { depthwiseBackpropKernels } from './depthwiseBackprop';
import { einsumKernel } from './einsum';
import { matrixProductKernels } from './matrixProducts';
import { maxPoolKernels } from './maxPool';
import { registerEinsumGradient } from './registerEinsumGradient';
import { unsortedSegmentSumKernel } from './unsortedSegmentSum';

let registered = false;

/**
 * Gives the WASM backend, once it is loaded, the kernels that training needs and it lacks, and
 * faster ones in place of those that are too slow to train with.
 */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  const kernels: KernelConfig[] = [
    ...matrixProductKernels(),
    ...convolutionKernels(),
    conv2dBackpropInputKernel(),
    ...maxPoolKernels,
    conv3dBackpropInputKernel,
    conv2dBackpropFilterKernel,
    ...depthwiseBackpropKernels,
    einsumKernel,
    unsortedSegmentSumKernel,
  ];
  for (const kernel of kernels) replace(kernel);
  registerEinsumGradient();
}

function replace(kernel: KernelConfig): void {
  if (getKernel(kernel.kernelName, kernel.backendName) as unknown) {
    unregisterKernel(kernel.kernelName, kernel.backendName);
  }
  registerKernel(kernel);
}
