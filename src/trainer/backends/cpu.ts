import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { fail, ok } from '../../core/problem';
import { cpuAdamKernel } from '../kernels/adamUpdate';
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
    if (!(tf.getKernel(cpuAdamKernel.kernelName, 'cpu') as unknown))
      tf.registerKernel(cpuAdamKernel);
    return ok({
      info: {
        name: 'cpu',
        device: processorName(),
        software: false,
        versions: versions(),
        memory: processMemory(),
      },
      meter: meterTensors(backend),
      availableBytes: availableProcessBytes,
    });
  },
};
