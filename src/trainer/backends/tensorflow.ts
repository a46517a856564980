import * as tf from '@tensorflow/tfjs-core';
import { registerNativeKernels } from '../kernels/native/registerNativeKernels';
import { withoutMargin } from '../../config/memoryMargin';
import { nativeRuntimeFolder } from '../../config/nativeRuntime';
import { fail, ok, type Problem, type Result } from '../../core/text/problem';
import type { NativeBackend } from '../memory/nativeBackend';
import { meterNative } from '../memory/nativeMeter';
import { nvidiaGpu } from '../memory/nvidiaGpu';
import { availableProcessBytes, processMemory } from '../memory/processMemory';
import type { Backend, Device } from './backend';
import { loadNative } from './loadNative';
import { firstLine } from '../../core/text/errorText';
import { findNativePackages, type FoundPackage } from './nativePackage';
import { processorName, versions } from './versions';

/** Kept free on a GPU for the library itself and for fragmentation. */
const gpuMargin = 0.1;

/**
 * libtensorflow, on a CUDA GPU or the processor: from the workspace's own `@tensorflow/tfjs-node`
 * (or `-gpu`) where that is our release, else from the folder that Batchwise installs it into. Code
 * of the workspace is run, so callers check trust, as for everything that trains.
 * @param runtimeFolder where an installed runtime lies
 */
export function tensorflowBackend(runtimeFolder: string = nativeRuntimeFolder()): Backend {
  return {
    name: 'tensorflow',
    async load(workspace = null) {
      const found = findNativePackages(workspace, runtimeFolder);
      let problem: Problem | null = null;
      for (const candidate of found) {
        const loaded = candidate.ok ? await load(candidate.value) : candidate;
        if (loaded.ok) return loaded;
        problem ??= loaded.problem;
      }
      return problem ? { ok: false, problem } : fail('nativeMissing', { folder: runtimeFolder });
    },
  };
}

async function load(found: FoundPackage): Promise<Result<Device>> {
  const broken = (cause: string) =>
    fail('nativeBroken', { package: found.name, folder: found.folder, cause });
  try {
    loadNative(found);
    if (!(await tf.setBackend('tensorflow'))) return broken('causeNoStart');
  } catch (error) {
    return broken(firstLine(error));
  }
  const backend = tf.backend();
  if (!isNative(backend)) return broken('causeOtherBackend');
  const { binding } = backend;
  const meter = meterNative(backend);
  registerNativeKernels(backend);
  const gpu = binding.isUsingGpuDevice() ? nvidiaGpu() : null;
  return ok({
    info: {
      name: 'tensorflow',
      device: gpu?.name ?? processorName(),
      software: false,
      versions: { ...versions(), 'tfjs-node': found.version, libtensorflow: binding.TF_Version },
      memory: gpu ? { totalBytes: gpu.totalBytes, freeBytes: gpu.freeBytes } : processMemory(),
    },
    meter,
    availableBytes: gpu
      ? (margin) => withoutMargin((nvidiaGpu() ?? gpu).freeBytes, margin ?? { fraction: gpuMargin })
      : availableProcessBytes,
  });
}

function isNative(backend: object): backend is NativeBackend {
  return 'binding' in backend && 'createOutputTensor' in backend;
}
