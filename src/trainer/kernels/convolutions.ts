import {
  backend_util,
  Conv2D,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
  getKernel,
  type Conv2DAttrs,
  type KernelConfig,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { fitForConvolution } from './spreadOut';

/** What the attributes of all four kernels share; depthwise ones may leave dilations out. */
type SharedAttrs = Omit<Conv2DAttrs, 'dilations'> & Partial<Pick<Conv2DAttrs, 'dilations'>>;

/**
 * tfjs's convolution comes out as zeros, without an error, where `same` padding leaves rows or
 * columns at the end that no window reaches (a stride larger than the filter): those are cropped
 * first, after which no padding is needed there.
 */
function croppingFirst(kernelName: string, depthwise: boolean): KernelConfig {
  const original = getKernel(kernelName, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const attrs = params.attrs as unknown as SharedAttrs;
      if (attrs.pad !== 'same' || attrs.dataFormat === 'NCHW') return original.kernelFunc(params);
      const x = params.inputs['x'] as Tensor as Tensor4D;
      const filter = params.inputs['filter'] as Tensor as Tensor4D;
      const info = backend_util.computeConv2DInfo(
        x.shape,
        filter.shape,
        attrs.strides,
        attrs.dilations ?? 1,
        attrs.pad,
        attrs.dimRoundingMode,
        depthwise,
      );
      const height = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight;
      const width = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth;
      if (height >= info.inHeight && width >= info.inWidth) return original.kernelFunc(params);
      const { top, left } = info.padInfo;
      const cropped = fitForConvolution(x, top, left, height, width);
      const output = original.kernelFunc({
        ...params,
        inputs: { ...params.inputs, x: cropped },
        attrs: { ...params.attrs, pad: 'valid' },
      });
      cropped.dispose();
      return output;
    },
  };
}

export function convolutionKernels(): KernelConfig[] {
  return [
    croppingFirst(Conv2D, false),
    croppingFirst(FusedConv2D, false),
    croppingFirst(DepthwiseConv2dNative, true),
    croppingFirst(FusedDepthwiseConv2D, true),
  ];
}
