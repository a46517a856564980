import {
  backend_util,
  MaxPool3D,
  MaxPool3DGrad,
  MaxPoolGrad,
  type KernelConfig,
  type MaxPool3DGradAttrs,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floats, zeros, type WasmBackend } from './wasmHeap';

type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];

/** Sizes along depth, rows and columns. */
type Extent = readonly [number, number, number];

interface Windows {
  readonly batch: number;
  readonly channels: number;
  readonly input: Extent;
  readonly output: Extent;
  readonly size: Extent;
  readonly strides: Extent;
  /** Padding before the first. */
  readonly padding: Extent;
}

/**
 * Sends each gradient of dy to the first largest input of its window. tfjs's own compares every
 * input with every window it could belong to, and in three dimensions leaves some out.
 */
function maxPoolGrad(
  backend: WasmBackend,
  dy: TensorInfo,
  input: TensorInfo,
  windows: Windows,
): TensorInfo {
  const output = zeros(backend, input.shape);
  const dx = floats(backend, output);
  const gradients = floats(backend, dy);
  let from = 0;
  forEachWindow(floats(backend, input), windows, (_, positions) => {
    for (let channel = 0; channel < positions.length; channel++, from++) {
      const to = positions[channel] ?? -1;
      if (to >= 0) dx[to] = (dx[to] ?? 0) + (gradients[from] ?? 0);
    }
  });
  return output;
}

/** The largest inputs of each window. tfjs's own, in three dimensions, takes none below zero. */
function maxPool(
  backend: WasmBackend,
  input: TensorInfo,
  shape: number[],
  windows: Windows,
): TensorInfo {
  const output = backend.makeOutput(shape, 'float32');
  const y = floats(backend, output);
  let to = 0;
  forEachWindow(floats(backend, input), windows, (largest) => {
    y.set(largest, to);
    to += largest.length;
  });
  return output;
}

/**
 * Visits every window in the order of the output, with the largest input of each channel and its
 * first position; both arrays are used again for the next window.
 */
function forEachWindow(
  x: Float32Array,
  windows: Windows,
  visit: (largest: Float32Array, positions: Int32Array) => void,
): void {
  const { channels, size, strides, padding } = windows;
  const [inDepth, inHeight, inWidth] = windows.input;
  const [outDepth, outHeight, outWidth] = windows.output;
  const largest = new Float32Array(channels);
  const positions = new Int32Array(channels);
  for (let image = 0; image < windows.batch; image++) {
    for (let outLayer = 0; outLayer < outDepth; outLayer++) {
      const front = outLayer * strides[0] - padding[0];
      for (let outRow = 0; outRow < outHeight; outRow++) {
        const top = outRow * strides[1] - padding[1];
        for (let outColumn = 0; outColumn < outWidth; outColumn++) {
          const left = outColumn * strides[2] - padding[2];
          search(image, front, top, left);
          visit(largest, positions);
        }
      }
    }
  }

  function search(image: number, front: number, top: number, left: number): void {
    const endLayer = Math.min(inDepth, front + size[0]);
    const endRow = Math.min(inHeight, top + size[1]);
    const endColumn = Math.min(inWidth, left + size[2]);
    largest.fill(-Infinity);
    positions.fill(-1);
    for (let layer = Math.max(0, front); layer < endLayer; layer++) {
      for (let row = Math.max(0, top); row < endRow; row++) {
        for (let column = Math.max(0, left); column < endColumn; column++) {
          const at = (((image * inDepth + layer) * inHeight + row) * inWidth + column) * channels;
          for (let channel = 0; channel < channels; channel++) {
            const value = x[at + channel] ?? 0;
            if (value > (largest[channel] ?? 0)) {
              largest[channel] = value;
              positions[channel] = at + channel;
            }
          }
        }
      }
    }
  }
}

function windows2d(
  shape: Shape4D,
  { filterSize, strides, pad, dimRoundingMode }: MaxPoolGradAttrs,
): Windows {
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    input: [1, info.inHeight, info.inWidth],
    output: [1, info.outHeight, info.outWidth],
    size: [1, info.filterHeight, info.filterWidth],
    strides: [1, info.strideHeight, info.strideWidth],
    padding: [0, info.padInfo.top, info.padInfo.left],
  };
}

function windows3d(
  shape: Shape5D,
  { filterSize, strides, pad, dimRoundingMode }: MaxPool3DGradAttrs,
): Windows {
  const info = backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    input: [info.inDepth, info.inHeight, info.inWidth],
    output: [info.outDepth, info.outHeight, info.outWidth],
    size: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    padding: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  };
}

export const maxPoolKernels: KernelConfig[] = [
  {
    kernelName: MaxPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
      const windows = windows2d(input.shape as Shape4D, attrs as unknown as MaxPoolGradAttrs);
      return maxPoolGrad(backend as WasmBackend, dy, input, windows);
    },
  },
  {
    kernelName: MaxPool3DGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
      const windows = windows3d(input.shape as Shape5D, attrs as unknown as MaxPool3DGradAttrs);
      return maxPoolGrad(backend as WasmBackend, dy, input, windows);
    },
  },
  {
    kernelName: MaxPool3D,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x } = inputs as { x: TensorInfo };
      const windows = windows3d(x.shape as Shape5D, attrs as unknown as MaxPool3DGradAttrs);
      const shape = [windows.batch, ...windows.output, windows.channels];
      return maxPool(backend as WasmBackend, x, shape, windows);
    },
  },
];
