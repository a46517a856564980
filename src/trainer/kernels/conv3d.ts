import {
  addN,
  backend_util,
  concat,
  conv2d,
  Conv2DBackpropFilter,
  conv2dTranspose,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  engine,
  getKernel,
  reshape,
  slice,
  stack,
  tidy,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
  type KernelConfig,
  type Rank,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { fitForConvolution, spreadOut } from './spreadOut';

type Info = backend_util.Conv3DInfo;

/** Of the volume that all windows reach together. */
interface Reach {
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

function reachOf(info: Info): Reach {
  return {
    depth: (info.outDepth - 1) * info.strideDepth + info.filterDepth,
    height: (info.outHeight - 1) * info.strideHeight + info.filterHeight,
    width: (info.outWidth - 1) * info.strideWidth + info.filterWidth,
  };
}

/** Pads a volume before each axis, or crops where that is negative, and cuts it to these lengths. */
function fitted(x: Tensor5D, before: readonly [number, number, number], to: Reach): Tensor5D {
  const [batch, depth, height, width, channels] = x.shape;
  const [front, top, left] = before;
  const layers = reshape<Rank.R4>(x, [batch, depth, 1, height * width * channels]);
  const deep = fitForConvolution(layers, front, 0, to.depth, 1);
  const pictures = reshape<Rank.R4>(deep, [batch * to.depth, height, width, channels]);
  const whole = fitForConvolution(pictures, top, left, to.height, to.width);
  return reshape(whole, [batch, to.depth, to.height, to.width, channels]);
}

function padded(x: Tensor5D, info: Info): Tensor5D {
  const { front, top, left } = info.padInfo;
  return fitted(x, [front, top, left], reachOf(info));
}

/** The layers of a padded volume that a layer of the filter sees, as pictures. */
function seenBy(layer: number, x: Tensor5D, { outDepth, strideDepth }: Info): Tensor4D {
  const [batch, depth, height, width, channels] = x.shape;
  const size = height * width * channels;
  // Along more than four axes, or with strides, tfjs cuts in a plain loop.
  const layers = reshape<Rank.R3>(x, [batch, depth, size]);
  const take = (first: number, count: number) => slice(layers, [0, first, 0], [batch, count, size]);
  const seen =
    strideDepth === 1
      ? take(layer, outDepth)
      : concat(
          Array.from({ length: outDepth }, (_, at) => take(layer + at * strideDepth, 1)),
          1,
        );
  return reshape(seen, [batch * outDepth, height, width, channels]);
}

function picturesOf(dy: Tensor5D, info: Info): Tensor4D {
  const { batchSize, outDepth, outHeight, outWidth, outChannels } = info;
  return reshape(dy, [batchSize * outDepth, outHeight, outWidth, outChannels]);
}

function filterLayer(filter: Tensor5D, layer: number): Tensor4D {
  const [depth, height, width, inner, outer] = filter.shape;
  const size = height * width * inner * outer;
  const cut = slice(reshape<Rank.R2>(filter, [depth, size]), [layer, 0], [1, size]);
  return reshape(cut, [height, width, inner, outer]);
}

function forEachLayer<T>({ filterDepth }: Info, of: (layer: number) => T): T[] {
  return Array.from({ length: filterDepth }, (_, layer) => of(layer));
}

function convolved(x: Tensor5D, filter: Tensor5D, info: Info): Tensor {
  const whole = padded(x, info);
  const strides: [number, number] = [info.strideHeight, info.strideWidth];
  const parts = forEachLayer(info, (layer) =>
    conv2d(seenBy(layer, whole, info), filterLayer(filter, layer), strides, 'valid'),
  );
  return reshape(addN(parts), info.outShape);
}

function inputGradient(dy: Tensor5D, filter: Tensor5D, info: Info): Tensor {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, outDepth, strideDepth } = info;
  const reach = reachOf(info);
  const pictures = picturesOf(dy, info);
  const size = reach.height * reach.width * inChannels;
  const parts = forEachLayer(info, (layer) => {
    const own = conv2dTranspose(
      pictures,
      filterLayer(filter, layer),
      [batchSize * outDepth, reach.height, reach.width, inChannels],
      [info.strideHeight, info.strideWidth],
      'valid',
    );
    const layers = reshape<Rank.R4>(own, [batchSize, outDepth, 1, size]);
    return fitForConvolution(spreadOut(layers, strideDepth, 1), layer, 0, reach.depth, 1);
  });
  const { depth, height, width } = reach;
  const whole = reshape<Rank.R5>(addN(parts), [batchSize, depth, height, width, inChannels]);
  const { front, top, left } = info.padInfo;
  return fitted(whole, [-front, -top, -left], {
    depth: inDepth,
    height: inHeight,
    width: inWidth,
  });
}

function filterGradient(x: Tensor5D, dy: Tensor5D, info: Info): Tensor {
  const whole = padded(x, info);
  const pictures = picturesOf(dy, info);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const attrs = {
    strides: [info.strideHeight, info.strideWidth],
    pad: 'valid',
    dataFormat: 'NHWC',
    filterShape: [filterHeight, filterWidth, inChannels, outChannels],
  };
  const parts = forEachLayer(info, (layer) =>
    engine().runKernel<Tensor>(
      Conv2DBackpropFilter,
      { x: seenBy(layer, whole, info), dy: pictures },
      attrs,
    ),
  );
  return stack(parts);
}

/**
 * Convolutions over volumes, [batch, depth, rows, columns, channels], and their gradients: each
 * layer of the filter [depth, rows, columns, in, out] is a convolution over pictures, of those
 * layers of the volume that it sees. tfjs's own kernels are plain loops, and its gradients are
 * wrong in part where the filter moves by more than one.
 */
export function conv3dKernels(): KernelConfig[] {
  const original = getKernel(Conv3D, 'wasm');
  return [
    {
      ...original,
      kernelFunc: (params) => {
        const { strides, pad, dilations } = params.attrs as unknown as Conv3DAttrs;
        const { x, filter } = params.inputs as unknown as { x: Tensor5D; filter: Tensor5D };
        const info = backend_util.computeConv3DInfo(x.shape, filter.shape, strides, dilations, pad);
        const isDilated = Math.max(info.dilationDepth, info.dilationHeight, info.dilationWidth) > 1;
        if (isDilated) return original.kernelFunc(params);
        return tidy(() => convolved(x, filter, info));
      },
    },
    {
      kernelName: Conv3DBackpropInputV2,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const { strides, pad, inputShape } = attrs as unknown as Conv3DBackpropInputV2Attrs;
        const { dy, filter } = inputs as unknown as { dy: Tensor5D; filter: Tensor5D };
        const info = backend_util.computeConv3DInfo(inputShape, filter.shape, strides, 1, pad);
        return tidy(() => inputGradient(dy, filter, info));
      },
    },
    {
      kernelName: Conv3DBackpropFilterV2,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const { strides, pad, filterShape } = attrs as unknown as Conv3DBackpropFilterV2Attrs;
        const { x, dy } = inputs as unknown as { x: Tensor5D; dy: Tensor5D };
        const info = backend_util.computeConv3DInfo(x.shape, filterShape, strides, 1, pad);
        return tidy(() => filterGradient(x, dy, info));
      },
    },
  ];
}
