import {
  backend_util,
  MaxPoolGrad,
  type KernelConfig,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floats, zeros, type WasmBackend } from './wasmHeap';

type Shape4D = [number, number, number, number];

/**
 * Sends each gradient of dy [batch, rows, columns, channels] to the first largest input of its
 * window. tfjs's own compares every input with every window it could belong to.
 */
function maxPoolGrad(
  backend: WasmBackend,
  dy: TensorInfo,
  input: TensorInfo,
  attrs: MaxPoolGradAttrs,
): TensorInfo {
  const info = backend_util.computePool2DInfo(
    input.shape as Shape4D,
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { inHeight, inWidth, inChannels: channels, filterHeight, filterWidth } = info;
  const output = zeros(backend, input.shape);
  const dx = floats(backend, output);
  const x = floats(backend, input);
  const gradients = floats(backend, dy);
  const largest = new Float32Array(channels);
  const position = new Int32Array(channels);
  let from = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let outRow = 0; outRow < info.outHeight; outRow++) {
      const top = outRow * info.strideHeight - info.padInfo.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(inHeight, top + filterHeight);
      for (let outColumn = 0; outColumn < info.outWidth; outColumn++) {
        const left = outColumn * info.strideWidth - info.padInfo.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(inWidth, left + filterWidth);
        largest.fill(-Infinity);
        position.fill(-1);
        for (let row = firstRow; row < endRow; row++) {
          for (let column = firstColumn; column < endColumn; column++) {
            const at = ((image * inHeight + row) * inWidth + column) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const value = x[at + channel] ?? 0;
              if (value > (largest[channel] ?? 0)) {
                largest[channel] = value;
                position[channel] = at + channel;
              }
            }
          }
        }
        for (let channel = 0; channel < channels; channel++, from++) {
          const to = position[channel] ?? -1;
          if (to >= 0) dx[to] = (dx[to] ?? 0) + (gradients[from] ?? 0);
        }
      }
    }
  }
  return output;
}

export const maxPoolGradKernel: KernelConfig = {
  kernelName: MaxPoolGrad,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) =>
    maxPoolGrad(
      backend as WasmBackend,
      inputs['dy'] as TensorInfo,
      inputs['input'] as TensorInfo,
      attrs as unknown as MaxPoolGradAttrs,
    ),
};
