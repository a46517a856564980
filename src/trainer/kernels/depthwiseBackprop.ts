import {
  backend_util,
  concat,
  depthwiseConv2d,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  matMul,
  mul,
  ones,
  reshape,
  reverse,
  stridedSlice,
  sum,
  tidy,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type KernelConfig,
  type Rank,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { fitForConvolution, spreadOut } from './spreadOut';

/**
 * The gradient of a depthwise convolution with respect to its filter [height, width, channels,
 * multiplier]: for each place of the filter, the inputs it saw times dy, summed over all pixels.
 */
export function depthwiseBackpropFilter(
  x: Tensor4D,
  dy: Tensor4D,
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs,
): Tensor4D {
  const info = backend_util.computeConv2DInfo(
    x.shape,
    attrs.filterShape,
    attrs.strides,
    attrs.dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const multiplier = outChannels / inChannels;
  const rowSpan = (outHeight - 1) * info.strideHeight + 1;
  const columnSpan = (outWidth - 1) * info.strideWidth + 1;
  const padded = fitForConvolution(
    x,
    info.padInfo.top,
    info.padInfo.left,
    rowSpan + info.effectiveFilterHeight - 1,
    columnSpan + info.effectiveFilterWidth - 1,
  );
  const pixels = batchSize * outHeight * outWidth;
  const gradients = reshape(dy, [pixels, inChannels, multiplier]);
  // A product with ones sums over pixels several times faster than the Sum kernel, which transposes.
  const all: Tensor2D = ones([1, pixels]);
  const places: Tensor[] = [];
  for (let row = 0; row < info.filterHeight; row++) {
    for (let column = 0; column < info.filterWidth; column++) {
      const place = tidy(() => {
        const top = row * info.dilationHeight;
        const left = column * info.dilationWidth;
        const seen = stridedSlice(
          padded,
          [0, top, left, 0],
          [batchSize, top + rowSpan, left + columnSpan, inChannels],
          [1, info.strideHeight, info.strideWidth, 1],
        );
        const products = mul(reshape(seen, [pixels, inChannels, 1]), gradients);
        return matMul(all, reshape<Rank.R2>(products, [pixels, outChannels]));
      });
      places.push(place);
    }
  }
  return reshape(concat(places, 0), [info.filterHeight, info.filterWidth, inChannels, multiplier]);
}

/**
 * The gradient of a depthwise convolution with respect to its input: dy, spread out by the stride,
 * convolved channel by channel with the filter turned round, summed over the multiplier.
 */
export function depthwiseBackpropInput(
  dy: Tensor4D,
  filter: Tensor4D,
  attrs: DepthwiseConv2dNativeBackpropInputAttrs,
): Tensor4D {
  const info = backend_util.computeConv2DInfo(
    attrs.inputShape,
    filter.shape,
    attrs.strides,
    attrs.dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = info;
  const { effectiveFilterHeight, effectiveFilterWidth, padInfo } = info;
  const padded = fitForConvolution(
    spreadOut(dy, info.strideHeight, info.strideWidth),
    effectiveFilterHeight - 1 - padInfo.top,
    effectiveFilterWidth - 1 - padInfo.left,
    inHeight + effectiveFilterHeight - 1,
    inWidth + effectiveFilterWidth - 1,
  );
  const turned: Tensor4D = reshape(reverse(filter, [0, 1]), [
    info.filterHeight,
    info.filterWidth,
    outChannels,
    1,
  ]);
  const perOutput = depthwiseConv2d(padded, turned, 1, 'valid', 'NHWC', [
    info.dilationHeight,
    info.dilationWidth,
  ]);
  const multiplier = outChannels / inChannels;
  if (multiplier === 1) return perOutput;
  const pixels = batchSize * inHeight * inWidth;
  return reshape(sum(reshape(perOutput, [pixels * inChannels, multiplier]), 1), info.inShape);
}

export const depthwiseBackpropKernels: KernelConfig[] = [
  {
    kernelName: DepthwiseConv2dNativeBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      tidy(() =>
        depthwiseBackpropFilter(
          inputs['x'] as Tensor as Tensor4D,
          inputs['dy'] as Tensor as Tensor4D,
          attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs,
        ),
      ),
  },
  {
    kernelName: DepthwiseConv2dNativeBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      tidy(() =>
        depthwiseBackpropInput(
          inputs['dy'] as Tensor as Tensor4D,
          inputs['filter'] as Tensor as Tensor4D,
          attrs as unknown as DepthwiseConv2dNativeBackpropInputAttrs,
        ),
      ),
  },
];
