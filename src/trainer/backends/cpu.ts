import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { fail, ok } from '../../core/text/problem';
import { cpuAdamKernel } from '../kernels/adamUpdate';
import { replaceKernel } from '../kernels/replaceKernel';
import { cpuResizeGradientKernel } from '../kernels/resizeOnCpu';
import { availableProcessBytes, processMemory } from '../memory/processMemory';
import { meterTensors } from '../memory/tensorMeter';
import type { Backend } from './backend';
import { processorName, versions } from './versions';

/** tfjs's plain JavaScript backend: slow, but runs everywhere. */
export const cpuBackend: Backend = {
  name: 'cpu',
  async load() {
    if (!(await tf.setBackend('cpu'))) return fail('backendFailed', { backend: 'cpu', cause: '' });
    const backend = tf.backend();
    if (!(backend instanceof MathBackendCPU)) {
      return fail('backendFailed', { backend: 'cpu', cause: '' });
    }
    registerKernels();
    return ok({
      info: {
        name: 'cpu',
        device: processorName(),
        software: false,
        versions: versions(),
        memory: processMemory(),
      },
      meter: meterTensors(backend),
      computesOnCallingThread: true,
      availableBytes: availableProcessBytes,
    });
  },
};

let registered = false;

function registerKernels(): void {
  if (registered) return;
  registered = true;
  replaceKernel(cpuAdamKernel);
  replaceKernel(cpuResizeGradientKernel());
}
