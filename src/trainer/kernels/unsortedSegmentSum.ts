import {
  UnsortedSegmentSum,
  type KernelConfig,
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { floats, integers, zeros, type WasmBackend } from './wasmHeap';

/**
 * Adds the rows of x [rows, …] to the segments their ids name: the gradient of a gather, so of
 * embeddings. Rows with a negative id are dropped, as in TensorFlow.
 */
function unsortedSegmentSum(
  backend: WasmBackend,
  x: TensorInfo,
  segmentIds: TensorInfo,
  segments: number,
): TensorInfo {
  const rowShape = x.shape.slice(segmentIds.shape.length);
  const rowSize = rowShape.reduce((product, size) => product * size, 1);
  const output = zeros(backend, [segments, ...rowShape]);
  const sums = floats(backend, output);
  const values = floats(backend, x);
  integers(backend, segmentIds).forEach((segment, row) => {
    if (segment < 0 || segment >= segments) return;
    const to = segment * rowSize;
    const from = row * rowSize;
    for (let i = 0; i < rowSize; i++) {
      sums[to + i] = (sums[to + i] ?? 0) + (values[from + i] ?? 0);
    }
  });
  return output;
}

export const unsortedSegmentSumKernel: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) =>
    unsortedSegmentSum(
      backend as WasmBackend,
      inputs['x'] as TensorInfo,
      inputs['segmentIds'] as TensorInfo,
      (attrs as unknown as UnsortedSegmentSumAttrs).numSegments,
    ),
};
