import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';

/** What kernels need of the backend that they are called with. */
export type WasmBackend = Pick<BackendWasm, 'makeOutput' | 'typedArrayFromHeap'>;

/**
 * Views into the WASM heap. A view dies when the heap grows: make every output first, and take the
 * views after.
 */
export function floats(backend: WasmBackend, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

export function integers(backend: WasmBackend, tensor: TensorInfo): Int32Array {
  return backend.typedArrayFromHeap(tensor) as Int32Array;
}

/** A new float32 tensor of zeros; the allocator returns memory that is not cleared. */
export function zeros(backend: WasmBackend, shape: number[]): TensorInfo {
  const output = backend.makeOutput(shape, 'float32');
  floats(backend, output).fill(0);
  return output;
}
