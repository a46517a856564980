import { util } from '@tensorflow/tfjs-core';
import { Ledger, type MemoryMeter } from './memoryMeter';
import type { NativeBackend, NativeBinding } from './nativeBackend';

/** A piece of memory that one tensor made and others may share. */
interface Buffer {
  holders: number;
}

/** Operations whose output is their input's memory under another shape. */
const aliasing: ReadonlySet<string> = new Set(['Reshape', 'ExpandDims', 'Squeeze', 'StopGradient']);

/**
 * Meters libtensorflow by its tensors: each tensor's bytes, counted once however many shapes share
 * them. The C API does not expose the allocator itself, so what kernels take for themselves while
 * they run (unrolled convolutions, oneDNN's reordered weights) is not in this figure; on a processor
 * the peak of the whole process, reported beside it, is its upper bound. An output's size is known
 * only once it is computed, so a limit is found to be exceeded just after, and the output given back.
 */
export function meterNative(backend: NativeBackend): MemoryMeter {
  const ledger = new Ledger<Buffer>();
  const buffers = new WeakMap<object, Buffer>();
  const sizeOf = elementBytes(backend.binding);
  const move = backend.move.bind(backend);
  const createOutput = backend.createOutputTensor.bind(backend);
  const execute = backend.executeSingleOutput.bind(backend);
  const disposeData = backend.disposeData.bind(backend);
  let shared: Buffer | undefined;

  const hold = (dataId: object, bytes: number) => {
    const buffer = { holders: 1 };
    buffers.set(dataId, buffer);
    ledger.allocated(buffer, bytes);
  };

  backend.move = (dataId, values, shape, dtype, references) => {
    const bytes = dtype === 'string' ? 0 : util.sizeFromShape(shape) * util.bytesPerElement(dtype);
    ledger.require(bytes);
    move(dataId, values, shape, dtype, references);
    hold(dataId, bytes);
  };
  backend.executeSingleOutput = (name, attributes, inputs) => {
    const source = aliasing.has(name) ? inputs[0]?.dataId : undefined;
    shared = source && buffers.get(source);
    try {
      return execute(name, attributes, inputs);
    } finally {
      shared = undefined;
    }
  };
  backend.createOutputTensor = (metadata) => {
    if (shared) {
      const alias = createOutput(metadata);
      shared.holders++;
      buffers.set(alias.dataId, shared);
      return alias;
    }
    const bytes = util.sizeFromShape([...metadata.shape]) * sizeOf(metadata.dtype);
    try {
      ledger.require(bytes);
    } catch (error) {
      backend.binding.deleteTensor(metadata.id);
      throw error;
    }
    const output = createOutput(metadata);
    hold(output.dataId, bytes);
    return output;
  };
  backend.disposeData = (dataId, force) => {
    const released = disposeData(dataId, force);
    const buffer = released ? buffers.get(dataId) : undefined;
    if (buffer) {
      buffers.delete(dataId);
      buffer.holders--;
      if (buffer.holders === 0) ledger.freed(buffer);
    }
    return released;
  };
  return ledger;
}

/** Bytes of one element of the addon's types; strings and resources are not on the device. */
function elementBytes(binding: NativeBinding): (dtype: number) => number {
  const sizes = new Map([
    [binding.TF_BOOL, 1],
    [binding.TF_UINT8, 1],
    [binding.TF_INT64, 8],
    [binding.TF_COMPLEX64, 8],
    [binding.TF_STRING, 0],
    [binding.TF_RESOURCE, 0],
  ]);
  return (dtype) => sizes.get(dtype) ?? 4;
}
