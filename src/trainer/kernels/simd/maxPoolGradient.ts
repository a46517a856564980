import {
  backend_util,
  MaxPoolGrad,
  type KernelConfig,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Simd } from './simd';

/** tfjs's own compares every input with every window it could belong to. */
export function maxPoolGradientKernel(simd: Simd): KernelConfig {
  return {
    kernelName: MaxPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
      const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as MaxPoolGradAttrs;
      const info = backend_util.computePool2DInfo(
        input.shape as [number, number, number, number],
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const dx = simd.zeros(input.shape);
      // In the order of the class Windows in assembly/maxPool.ts.
      const windows = simd.describe([
        info.batchSize,
        info.inChannels,
        info.inHeight,
        info.inWidth,
        info.outHeight,
        info.outWidth,
        info.filterHeight,
        info.filterWidth,
        info.strideHeight,
        info.strideWidth,
        info.padInfo.top,
        info.padInfo.left,
      ]);
      const [x, gradients, to] = [input, dy, dx].map((tensor) => simd.address(tensor));
      simd.functions.maxPoolGradient(windows, x ?? 0, gradients ?? 0, to ?? 0);
      return dx;
    },
  };
}
