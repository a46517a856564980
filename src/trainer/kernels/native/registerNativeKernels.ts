import type { NativeBackend } from '../../memory/nativeBackend';
import { replaceKernel } from '../replaceKernel';
import { registerPassingGradients } from '../simd/activations';
import { registerDenseGradients } from '../denseLayer';
import { activationKernels, registerActivationGradients } from './activations';
import { crossEntropyKernel } from './crossEntropy';
import { denseKernels } from './denseLayers';
import { NativeOps } from './nativeOps';
import { poolingKernels } from './pooling';
import { productKernels } from './products';
import { sharingKernels } from './sharing';
import { updateKernels } from './updates';

let registered = false;

/** Gives libtensorflow's backend, once it is loaded, fewer and faster operations a training step. */
export function registerNativeKernels(backend: NativeBackend): void {
  if (registered) return;
  registered = true;
  const ops = new NativeOps(backend);
  const kernels = [
    ...productKernels(ops),
    ...denseKernels(ops),
    crossEntropyKernel(ops),
    ...sharingKernels(ops),
    ...poolingKernels(ops),
    ...activationKernels(ops),
    ...updateKernels(ops),
  ];
  for (const kernel of kernels) replaceKernel(kernel);
  registerPassingGradients();
  registerActivationGradients();
  registerDenseGradients();
}
