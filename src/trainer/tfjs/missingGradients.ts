import {
  backend_util,
  conv3d,
  Conv2D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  DepthwiseConv2dNative,
  engine,
  getGradient,
  Greater,
  registerGradient,
  tidy,
  zerosLike,
  type Conv2DAttrs,
  type Conv3DBackpropInputV2Attrs,
  type DepthwiseConv2dNativeAttrs,
  type GradConfig,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { conv2dBackpropFilter } from '../kernels/conv2dBackpropFilter';
import { conv2dBackpropInput } from '../kernels/conv2dBackpropInput';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from '../kernels/depthwiseBackprop';
import { einsumGradient } from '../kernels/einsum';
import { tileGradient } from '../kernels/tileGradient';

/*
 * Gradients that tfjs does not have, not for every setting, or too slow to train with. They are made of operations alone,
 * and so serve every backend.
 */

type GradFunc = GradConfig['gradFunc'];

const isDilated = (dilations: number | number[] | null | undefined) =>
  [dilations ?? 1].flat().some((rate) => rate !== 1);

/** tfjs refuses dilations in both; where there are none, its own gradients stay. */
function dilatedToo(kernelName: string, dilated: GradFunc): GradConfig {
  const original = getGradient(kernelName);
  return {
    ...original,
    gradFunc: (dy, saved, attrs) => {
      const { dilations, dataFormat } = attrs as unknown as Conv2DAttrs;
      const ours = isDilated(dilations) && (dataFormat as string | undefined) !== 'NCHW';
      return (ours ? dilated : original.gradFunc)(dy, saved, attrs);
    },
  };
}

const convolution: GradFunc = (dy, saved, attrs) => {
  const [x, filter] = saved as [Tensor4D, Tensor4D];
  const { strides, pad, dilations, dimRoundingMode } = attrs as unknown as Conv2DAttrs;
  const info = backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return {
    x: () => tidy(() => conv2dBackpropInput(dy as Tensor4D, filter, info)),
    filter: () =>
      tidy(() =>
        conv2dBackpropFilter(x, dy as Tensor4D, {
          ...(attrs as unknown as Conv2DAttrs),
          filterShape: filter.shape,
        }),
      ),
  };
};

const depthwiseConvolution: GradFunc = (dy, saved, attrs) => {
  const [x, filter] = saved as [Tensor4D, Tensor4D];
  const own = attrs as unknown as DepthwiseConv2dNativeAttrs;
  return {
    x: () =>
      tidy(() => depthwiseBackpropInput(dy as Tensor4D, filter, { ...own, inputShape: x.shape })),
    filter: () =>
      tidy(() => depthwiseBackpropFilter(x, dy as Tensor4D, { ...own, filterShape: filter.shape })),
  };
};

/**
 * A transposed convolution over volumes is the input gradient of a plain one, and so its own
 * gradients are the plain one and that one's filter gradient.
 */
const transposedVolume: GradConfig = {
  kernelName: Conv3DBackpropInputV2,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (ddx, saved, attrs) => {
    const [dy, filter] = saved as [Tensor5D, Tensor5D];
    const { strides, pad } = attrs as unknown as Conv3DBackpropInputV2Attrs;
    return {
      dy: () => conv3d(ddx as Tensor5D, filter, strides, pad),
      filter: () =>
        engine().runKernel<Tensor>(
          Conv3DBackpropFilterV2,
          { x: ddx as Tensor, dy },
          { strides, pad, filterShape: filter.shape },
        ),
    };
  },
};

/** A comparison is flat wherever it has a gradient at all. */
const comparison: GradConfig = {
  kernelName: Greater,
  inputsToSave: ['a', 'b'],
  gradFunc: (_, [a, b]) => ({
    a: () => zerosLike(a as Tensor),
    b: () => zerosLike(b as Tensor),
  }),
};

/** Lets dilated convolutions, transposed ones over volumes, thresholds, einsum and tiles be trained. */
export function registerMissingGradients(): void {
  registerGradient(dilatedToo(Conv2D, convolution));
  registerGradient(dilatedToo(DepthwiseConv2dNative, depthwiseConvolution));
  registerGradient(transposedVolume);
  registerGradient(comparison);
  registerGradient(einsumGradient);
  registerGradient(tileGradient);
}
