import {
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  getKernel,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { lowestOf } from './activations';
import type { Simd } from './simd';

type Shape4D = [number, number, number, number];
type Info = backend_util.Conv2DInfo;
type Attrs = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
  readonly dilations?: Conv2DAttrs['dilations'];
};

/** Null for channels before rows and columns, which only tfjs's own kernels know. */
function infoOf(inShape: number[], filterShape: number[], attrs: Attrs): Info | null {
  const format = attrs.dataFormat as typeof attrs.dataFormat | undefined;
  if (format === 'NCHW') return null;
  return backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}

/** In the order of the class Convolution in assembly/convolution.ts. */
function describe(simd: Simd, info: Info): number {
  return simd.describe([
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  ]);
}

function withScratch(simd: Simd, info: Info, work: (scratch: number) => void): void {
  const values = info.filterHeight * info.filterWidth * info.inChannels;
  simd.withScratch(simd.functions.convolutionScratch(values), work);
}

function convolve(simd: Simd, x: TensorInfo, filter: TensorInfo, info: Info): TensorInfo {
  const output = simd.output(info.outShape);
  withScratch(simd, info, (scratch) => {
    const [from, weights, to] = [x, filter, output].map((tensor) => simd.address(tensor));
    simd.functions.convolve(describe(simd, info), from ?? 0, weights ?? 0, to ?? 0, scratch);
  });
  return output;
}

/** Convolutions and their gradients as matrix products over what each output pixel sees. */
export function simdConvolutionKernels(simd: Simd): KernelConfig[] {
  const plain = getKernel(Conv2D, 'wasm');
  const fused = getKernel(FusedConv2D, 'wasm');
  const backpropInput = getKernel(Conv2DBackpropInput, 'wasm');
  const backpropFilter = getKernel(Conv2DBackpropFilter, 'wasm');
  return [
    {
      ...plain,
      kernelFunc: (params) => {
        const { x, filter } = params.inputs as { x: TensorInfo; filter: TensorInfo };
        const info = infoOf(x.shape, filter.shape, params.attrs as unknown as Attrs);
        return info ? convolve(simd, x, filter, info) : plain.kernelFunc(params);
      },
    },
    {
      ...fused,
      kernelFunc: (params) => {
        const { x, filter } = params.inputs as { x: TensorInfo; filter: TensorInfo };
        const bias = params.inputs['bias'];
        const attrs = params.attrs as unknown as Attrs & { readonly activation?: string };
        const lowest = lowestOf(attrs.activation);
        const info = infoOf(x.shape, filter.shape, attrs);
        const known = simd.canAdd(bias, filter.shape.at(-1) ?? 1);
        if (!info || lowest === null || !known) return fused.kernelFunc(params);
        const output = convolve(simd, x, filter, info);
        simd.finish(output, bias, lowest);
        return output;
      },
    },
    {
      ...backpropInput,
      kernelFunc: (params) => {
        const { dy, filter } = params.inputs as { dy: TensorInfo; filter: TensorInfo };
        const attrs = params.attrs as unknown as Conv2DBackpropInputAttrs;
        const info = infoOf(attrs.inputShape, filter.shape, attrs);
        if (!info) return backpropInput.kernelFunc(params);
        const dx = simd.zeros(attrs.inputShape);
        withScratch(simd, info, (scratch) => {
          simd.functions.convolveInputGradient(
            describe(simd, info),
            simd.address(dy),
            simd.address(filter),
            simd.address(dx),
            scratch,
          );
        });
        return dx;
      },
    },
    {
      ...backpropFilter,
      kernelFunc: (params) => {
        const { x, dy } = params.inputs as { x: TensorInfo; dy: TensorInfo };
        const attrs = params.attrs as unknown as Conv2DBackpropFilterAttrs;
        const info = infoOf(x.shape, attrs.filterShape, attrs);
        if (!info) return backpropFilter.kernelFunc(params);
        const gradient = simd.zeros(attrs.filterShape);
        withScratch(simd, info, (scratch) => {
          simd.functions.convolveFilterGradient(
            describe(simd, info),
            simd.address(x),
            simd.address(dy),
            simd.address(gradient),
            scratch,
          );
        });
        return gradient;
      },
    },
  ];
}
