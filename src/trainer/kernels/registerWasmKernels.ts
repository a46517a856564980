import type { KernelConfig } from '@tensorflow/tfjs-core';
import { adamKernel } from './adamUpdate';
import { registerBatchNormalizationGradient } from './batchNormalization';
import { conv2dBackpropFilterKernel } from './conv2dBackpropFilter';
import { conv2dBackpropInputKernel } from './conv2dBackpropInput';
import { conv3dKernels } from './conv3d';
import { convolutionKernels } from './convolutions';
import { depthwiseBackpropKernels } from './depthwiseBackprop';
import { einsumKernel } from './einsum';
import { matrixProductKernels } from './matrixProducts';
import { maxPoolKernels } from './maxPool';
import { registerRecurrentGradient } from './recurrentLayer';
import { replaceKernel } from './replaceKernel';
import { passWithinKernel, registerPassingGradients } from './simd/activations';
import { batchNormalizationSimdKernels } from './simd/batchNormalization';
import { simdConvolutionKernels } from './simd/convolutions';
import { copyKernels } from './simd/copies';
import { maxPoolGradientKernel } from './simd/maxPoolGradient';
import { productKernels } from './simd/products';
import { recurrentKernels } from './simd/recurrent';
import type { Simd } from './simd/simd';
import { updateKernels } from './simd/updates';
import { unsortedSegmentSumKernel } from './unsortedSegmentSum';

let registered = false;

/**
 * Gives the WASM backend, once it is loaded, the kernels that training needs and it lacks, and
 * faster ones in place of those that are too slow for training.
 */
export function registerWasmKernels(simd: Simd): void {
  if (registered) return;
  registered = true;
  const kernels: KernelConfig[] = [
    ...matrixProductKernels(),
    ...convolutionKernels(),
    conv2dBackpropInputKernel(),
    ...maxPoolKernels,
    ...conv3dKernels(),
    conv2dBackpropFilterKernel,
    ...depthwiseBackpropKernels,
    einsumKernel,
    unsortedSegmentSumKernel,
  ];
  for (const kernel of kernels) replaceKernel(kernel);
  // In a second step: what they do not cover goes to the ones above.
  const compiled = [
    ...productKernels(simd),
    ...simdConvolutionKernels(simd),
    ...copyKernels(simd),
    maxPoolGradientKernel(simd),
    passWithinKernel(simd),
    adamKernel(simd),
    ...updateKernels(simd),
    ...recurrentKernels(simd),
    ...batchNormalizationSimdKernels(simd),
  ];
  for (const kernel of compiled) replaceKernel(kernel);
  registerPassingGradients();
  registerRecurrentGradient();
  registerBatchNormalizationGradient();
}
