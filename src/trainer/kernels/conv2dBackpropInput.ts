import {
  backend_util,
  conv2d,
  Conv2DBackpropInput,
  getKernel,
  reverse,
  tidy,
  transpose,
  type Conv2DBackpropInputAttrs,
  type KernelConfig,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { fitForConvolution, spreadOut } from './spreadOut';

/**
 * Above this stride product, convolving the zeros that a stride puts into dy costs more than
 * tfjs's plain loop.
 */
const largestStrideProduct = 9;

/**
 * The gradient of a convolution with respect to its input: dy, spread out by the stride, convolved
 * with the filter turned round and its channels exchanged, dilated as it was.
 */
export function conv2dBackpropInput(
  dy: Tensor4D,
  filter: Tensor4D,
  info: backend_util.Conv2DInfo,
): Tensor4D {
  const { effectiveFilterHeight, effectiveFilterWidth, inHeight, inWidth, padInfo } = info;
  const padded = fitForConvolution(
    spreadOut(dy, info.strideHeight, info.strideWidth),
    effectiveFilterHeight - 1 - padInfo.top,
    effectiveFilterWidth - 1 - padInfo.left,
    inHeight + effectiveFilterHeight - 1,
    inWidth + effectiveFilterWidth - 1,
  );
  const turned = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return conv2d(padded, turned, 1, 'valid', 'NHWC', [info.dilationHeight, info.dilationWidth]);
}

export function conv2dBackpropInputKernel(): KernelConfig {
  const original = getKernel(Conv2DBackpropInput, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const { strides, pad, dataFormat, dimRoundingMode, inputShape } =
        params.attrs as unknown as Conv2DBackpropInputAttrs;
      const dy = params.inputs['dy'] as Tensor as Tensor4D;
      const filter = params.inputs['filter'] as Tensor as Tensor4D;
      if (dataFormat === 'NCHW') return original.kernelFunc(params);
      const info = backend_util.computeConv2DInfo(
        inputShape,
        filter.shape,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      if (info.strideHeight * info.strideWidth > largestStrideProduct) {
        return original.kernelFunc(params);
      }
      return tidy(() => conv2dBackpropInput(dy, filter, info));
    },
  };
}
