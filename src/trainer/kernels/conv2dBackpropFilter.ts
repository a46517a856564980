import {
  backend_util,
  conv2d,
  matMul,
  Conv2DBackpropFilter,
  reshape,
  slice,
  tidy,
  transpose,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { fitForConvolution } from './spreadOut';

type Attrs = Conv2DBackpropFilterAttrs & { readonly dilations?: [number, number] | number };

/**
 * The gradient of a convolution with respect to its filter [height, width, in, out] is itself a
 * convolution: of x with channels as batch, by dy with the batch as channels, dilated by the
 * forward stride and with the forward dilation as its stride.
 */
export function conv2dBackpropFilter(x: Tensor4D, dy: Tensor4D, attrs: Attrs): Tensor4D {
  const channelsFirst = attrs.dataFormat === 'NCHW';
  if (channelsFirst) {
    x = transpose(x, [0, 2, 3, 1]);
    dy = transpose(dy, [0, 2, 3, 1]);
  }
  const info = backend_util.computeConv2DInfo(
    x.shape,
    attrs.filterShape,
    attrs.strides,
    attrs.dilations ?? 1,
    channelsFirst ? swappedPadding(attrs.pad) : attrs.pad,
    attrs.dimRoundingMode,
  );
  const { filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth } = info;
  const height = (outHeight - 1) * strideHeight + info.effectiveFilterHeight;
  const width = (outWidth - 1) * strideWidth + info.effectiveFilterWidth;
  const padded = fitForConvolution(x, info.padInfo.top, info.padInfo.left, height, width);
  if (filterHeight === 1 && filterWidth === 1 && strideHeight === 1 && strideWidth === 1) {
    const pixels = info.batchSize * outHeight * outWidth;
    const product = matMul(
      reshape(padded, [pixels, info.inChannels]),
      reshape(dy, [pixels, info.outChannels]),
      true,
    );
    return reshape(product, [1, 1, info.inChannels, info.outChannels]);
  }
  const gradient = conv2d(
    transpose(padded, [3, 1, 2, 0]),
    transpose(dy, [1, 2, 0, 3]),
    [info.dilationHeight, info.dilationWidth],
    'valid',
    'NHWC',
    [strideHeight, strideWidth],
  );
  return transpose(
    slice(gradient, [0, 0, 0, 0], [info.inChannels, filterHeight, filterWidth, info.outChannels]),
    [1, 2, 0, 3],
  );
}

/** Explicit padding names the axes in the order of the data format. */
function swappedPadding(pad: Conv2DBackpropFilterAttrs['pad']): Conv2DBackpropFilterAttrs['pad'] {
  return Array.isArray(pad) ? [pad[0], pad[2], pad[3], pad[1]] : pad;
}

export const conv2dBackpropFilterKernel: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) =>
    tidy(() =>
      conv2dBackpropFilter(
        inputs['x'] as Tensor as Tensor4D,
        inputs['dy'] as Tensor as Tensor4D,
        attrs as unknown as Conv2DBackpropFilterAttrs,
      ),
    ),
};
