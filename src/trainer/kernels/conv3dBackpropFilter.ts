import {
  backend_util,
  Conv3DBackpropFilterV2,
  matMul,
  pad,
  reshape,
  stack,
  stridedSlice,
  tidy,
  type Conv3DBackpropFilterV2Attrs,
  type KernelConfig,
  type Tensor,
  type Tensor5D,
} from '@tensorflow/tfjs-core';

/**
 * The gradient of a convolution over volumes with respect to its filter, [depth, rows, columns, in,
 * out], from one matrix product for each place of the filter: tfjs's own is wrong in part of the
 * filter where it moves by more than one.
 */
function conv3dBackpropFilter(
  x: Tensor5D,
  dy: Tensor5D,
  { filterShape, strides, pad: padding }: Conv3DBackpropFilterV2Attrs,
): Tensor5D {
  const info = backend_util.computeConv3DInfo(x.shape, filterShape, strides, 1, padding);
  const { front, back, top, bottom, left, right } = info.padInfo;
  const around: [number, number][] = [
    [0, 0],
    [front, back],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const padded = pad(x, around);
  const places = info.batchSize * info.outDepth * info.outHeight * info.outWidth;
  const slopes = reshape(dy, [places, info.outChannels]);
  const steps = [info.strideDepth, info.strideHeight, info.strideWidth];
  const lengths = [info.outDepth, info.outHeight, info.outWidth];
  const parts: Tensor[] = [];
  for (let layer = 0; layer < info.filterDepth; layer++) {
    for (let row = 0; row < info.filterHeight; row++) {
      for (let column = 0; column < info.filterWidth; column++) {
        const begin = [layer, row, column];
        const end = begin.map(
          (at, axis) => at + ((lengths[axis] ?? 1) - 1) * (steps[axis] ?? 1) + 1,
        );
        const seen = stridedSlice(
          padded,
          [0, ...begin, 0],
          [info.batchSize, ...end, info.inChannels],
          [1, ...steps, 1],
        );
        parts.push(matMul(reshape(seen, [places, info.inChannels]), slopes, true));
      }
    }
  }
  return reshape(stack(parts), filterShape);
}

export const conv3dBackpropFilterKernel: KernelConfig = {
  kernelName: Conv3DBackpropFilterV2,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) =>
    tidy(() =>
      conv3dBackpropFilter(
        inputs['x'] as Tensor as Tensor5D,
        inputs['dy'] as Tensor as Tensor5D,
        attrs as unknown as Conv3DBackpropFilterV2Attrs,
      ),
    ),
};
