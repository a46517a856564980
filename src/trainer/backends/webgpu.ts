import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { saysOutOfMemory } from '../../protocol/outOfMemorySigns';
import { fail, ok, type Result } from '../../core/text/problem';
import { GpuBuffers } from '../memory/gpuBuffers';
import { gpuMemory } from '../memory/gpuMemory';
import type { Backend, Device } from './backend';
import { loadDawn, type Dawn } from './dawnBinding';
import { firstLine } from '../../core/text/errorText';
import { versions } from './versions';

/**
 * Tensors of this many elements go to the device when they are made, not at their first use, so
 * that a data set is metered where it is loaded; tfjs computes with smaller ones on the processor.
 */
const uploadSize = 1000;

const wantedFeatures = ['timestamp-query', 'bgra8unorm-storage'] as const;
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * WebGPU through Dawn: Metal, Direct3D 12 or Vulkan, on a GPU of any vendor. Nothing of it is
 * loaded before `load`.
 *
 * @param distFolder absolute folder of the built trainer
 */
export function webgpuBackend(distFolder: string): Backend {
  return {
    name: 'webgpu',
    async load(_workspace, acceptSoftware = true) {
      const dawn = await loadDawn(distFolder);
      if (!dawn.ok) return dawn;
      try {
        return await start(dawn.value, acceptSoftware);
      } catch (error) {
        return fail('backendFailed', { backend: 'webgpu', cause: firstLine(error) });
      }
    },
  };
}

async function start(dawn: Dawn, acceptSoftware: boolean): Promise<Result<Device>> {
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return fail('webgpuNoAdapter', { drivers: driversOf(process.platform) });
  const { info } = adapter;
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  const software = isSoftware(info);
  if (software && !acceptSoftware) return fail('webgpuSoftware', { device: name });

  provideGlobals(dawn, gpu);
  const limits = Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: limits,
  });
  const memory = await gpuMemory(info, software);
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = new WebGPUBackend(device, info);
  const buffers = new GpuBuffers(device, () => {
    submitWaiting(backend);
  });
  buffers.setCeiling(memory.availableBytes(null));
  prepare(backend, buffers);
  listen(device, buffers);
  // The package registered a factory of its own, which would ask for another device.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) {
    return fail('backendFailed', { backend: 'webgpu', cause: name });
  }
  return ok({
    info: {
      name: 'webgpu',
      device: name,
      software,
      versions: { ...versions(), dawn: dawn.version },
      limits,
      memory: memory.info,
    },
    meter: buffers,
    availableBytes: (margin = null) => {
      const available = memory.availableBytes(margin);
      return available === null ? null : Math.max(0, available - buffers.numBytesAllocated);
    },
  });
}

/** tfjs looks for these where a browser has them. Node 21 and newer have a navigator of their own. */
function provideGlobals(dawn: Dawn, gpu: GPU): void {
  for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(dawn.globals))) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, value);
  }
  const known = (globalThis as { navigator?: object }).navigator;
  if (known) Object.defineProperty(known, 'gpu', { value: gpu, configurable: true });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
}

/** Has the backend take its buffers from us, and fail where tfjs would read what is not there. */
function prepare(backend: WebGPUBackend, buffers: GpuBuffers): void {
  backend.bufferManager = buffers as unknown as WebGPUBackend['bufferManager'];
  const write = backend.write.bind(backend);
  const move = backend.move.bind(backend);
  const read = backend.read.bind(backend);
  const upload = (dataId: object, shape: number[], dtype: tf.DataType) => {
    if (dtype === 'string' || dtype === 'complex64') return;
    if (tf.util.sizeFromShape(shape) >= uploadSize) backend.uploadToGPU(dataId);
  };
  backend.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    // The type leaves out that outputs of kernels are made without values.
    if ((values as typeof values | null | undefined) != null) upload(dataId, shape, dtype);
    return dataId;
  };
  backend.move = (dataId, values, shape, dtype, references) => {
    move(dataId, values, shape, dtype, references);
    upload(dataId, shape, dtype);
  };
  backend.read = async (dataId) => {
    try {
      const values = await read(dataId);
      buffers.check();
      return values;
    } catch (error) {
      // The device's own error explains more than that of reading from a lost device.
      await settled();
      buffers.check();
      throw error;
    }
  };
}

/** What tfjs's backend does by itself after every fifteen commands, and keeps private. */
interface CommandQueue {
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

function submitWaiting(backend: WebGPUBackend): void {
  const queue = backend as unknown as CommandQueue;
  if (!queue.commandEncoder) return;
  queue.endComputePassEncoder();
  queue.submitQueue();
}

/** Passes errors that the device reports unasked to the buffers. */
function listen(device: GPUDevice, buffers: GpuBuffers): void {
  device.addEventListener('uncapturederror', ({ error }) => {
    const outOfMemory = error instanceof GPUOutOfMemoryError || saysOutOfMemory(error.message);
    const kind = outOfMemory ? 'GPUOutOfMemoryError' : error.constructor.name;
    // It is not an Error of JavaScript: only its message is useful.
    buffers.deviceFailed(`${kind}: ${error.message.split('\n')[0] ?? ''}`, outOfMemory);
  });
  void device.lost.then(({ message, reason }) => {
    const cause = `The GPU device was lost (${message || reason}).`;
    buffers.deviceFailed(cause, saysOutOfMemory(message));
  });
}

/** Waits for errors that the device has already reported. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Emulated on a processor: SwiftShader, Mesa's llvmpipe and lavapipe, Microsoft's WARP. */
function isSoftware(info: GPUAdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i.test(words)
  );
}

function driversOf(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Metal';
  return platform === 'win32' ? 'Direct3D 12' : 'Vulkan';
}
