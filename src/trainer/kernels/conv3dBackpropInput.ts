import {
  backend_util,
  Conv3DBackpropInputV2,
  type Conv3DBackpropInputV2Attrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floats, zeros, type WasmBackend } from './wasmHeap';

type Shape5D = [number, number, number, number, number];

/**
 * The gradient of a convolution over volumes with respect to its input, [batch, depth, rows,
 * columns, channels]: tfjs's own leaves part of the input at zero.
 */
function conv3dBackpropInput(
  backend: WasmBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  { inputShape, strides, pad }: Conv3DBackpropInputV2Attrs,
): TensorInfo {
  const info = backend_util.computeConv3DInfo(inputShape, filter.shape as Shape5D, strides, 1, pad);
  const output = zeros(backend, inputShape);
  const dx = floats(backend, output);
  const gradients = floats(backend, dy);
  const weights = floats(backend, filter);
  const { inChannels, outChannels, padInfo } = info;
  let from = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let outLayer = 0; outLayer < info.outDepth; outLayer++) {
      for (let outRow = 0; outRow < info.outHeight; outRow++) {
        for (let outColumn = 0; outColumn < info.outWidth; outColumn++) {
          scatter(
            image,
            outLayer * info.strideDepth - padInfo.front,
            outRow * info.strideHeight - padInfo.top,
            outColumn * info.strideWidth - padInfo.left,
          );
          from += outChannels;
        }
      }
    }
  }
  return output;

  /** Adds one place's gradients, from `from` on, to every input that its window saw. */
  function scatter(image: number, front: number, top: number, left: number): void {
    for (let z = 0; z < info.filterDepth; z++) {
      for (let y = 0; y < info.filterHeight; y++) {
        for (let x = 0; x < info.filterWidth; x++) {
          const [layer, row, column] = [front + z, top + y, left + x];
          if (layer < 0 || layer >= info.inDepth || row < 0 || row >= info.inHeight) continue;
          if (column < 0 || column >= info.inWidth) continue;
          const pixel = ((image * info.inDepth + layer) * info.inHeight + row) * info.inWidth;
          let weight = ((z * info.filterHeight + y) * info.filterWidth + x) * inChannels;
          weight *= outChannels;
          const to = (pixel + column) * inChannels;
          for (let channel = 0; channel < inChannels; channel++) {
            let total = 0;
            for (let at = 0; at < outChannels; at++, weight++) {
              total += (gradients[from + at] ?? 0) * (weights[weight] ?? 0);
            }
            dx[to + channel] = (dx[to + channel] ?? 0) + total;
          }
        }
      }
    }
  }
}

export const conv3dBackpropInputKernel: KernelConfig = {
  kernelName: Conv3DBackpropInputV2,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
    return conv3dBackpropInput(
      backend as WasmBackend,
      dy,
      filter,
      attrs as unknown as Conv3DBackpropInputV2Attrs,
    );
  },
};
