import {
  backend_util,
  GatherV2,
  getKernel,
  Identity,
  Mean,
  SplitV,
  StridedSlice,
  Sum,
  Tile,
  Unpack,
  util,
  type GatherV2Attrs,
  type KernelConfig,
  type KernelFunc,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type SumAttrs,
  type TensorInfo,
  type TileAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
import { floats } from '../wasmHeap';
import type { Simd } from './simd';

const { sizeFromShape, parseAxisParam } = util;

/** Values of four bytes, which is what our functions move. */
function hasWords({ dtype }: TensorInfo): boolean {
  return dtype === 'float32' || dtype === 'int32';
}

/** A clone shares its values, as on every other backend; tfjs's own copies them. */
function identityKernel(simd: Simd): KernelConfig {
  const original = getKernel(Identity, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const { dataId, shape, dtype } = params.inputs['x'] as TensorInfo;
      if (dtype === 'string') return original.kernelFunc(params);
      simd.backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
  };
}

/** Rows of a tensor by their indices: tfjs's own works out the place of every single value. */
function gatherKernel(simd: Simd): KernelConfig {
  const original = getKernel(GatherV2, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const { x, indices } = params.inputs as { x: TensorInfo; indices: TensorInfo };
      const { axis, batchDims } = params.attrs as unknown as GatherV2Attrs;
      const rows = x.shape[0] ?? 0;
      const simple = axis === 0 && batchDims === 0 && indices.dtype === 'int32' && hasWords(x);
      if (!simple || rows === 0) return original.kernelFunc(params);
      const within = (simd.backend.typedArrayFromHeap(indices) as Int32Array).every(
        (index) => index >= 0 && index < rows,
      );
      // The other kernel reports which index is invalid.
      if (!within) return original.kernelFunc(params);
      const rowShape = x.shape.slice(1);
      const output = simd.backend.makeOutput([...indices.shape, ...rowShape], x.dtype);
      simd.functions.gather(
        sizeFromShape(indices.shape),
        simd.address(indices),
        4 * sizeFromShape(rowShape),
        simd.address(x),
        simd.address(output),
      );
      return output;
    },
  };
}

/** Sums over leading axes, as the gradient of a bias is: tfjs's own transposes first. */
function sumKernel(simd: Simd): KernelConfig {
  const original = getKernel(Sum, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => sumOverLeading(simd, params)?.sums ?? original.kernelFunc(params),
  };
}

/** Means over leading axes, as batch normalization takes of all pixels. */
function meanKernel(simd: Simd): KernelConfig {
  const original = getKernel(Mean, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const summed = sumOverLeading(simd, params);
      if (!summed) return original.kernelFunc(params);
      const { sums, rows } = summed;
      const values = floats(simd.backend, sums);
      for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / rows;
      return sums;
    },
  };
}

/** Null where other axes are summed over, or other values. */
function sumOverLeading(
  simd: Simd,
  { inputs, attrs }: Parameters<KernelFunc>[0],
): { readonly sums: TensorInfo; readonly rows: number } | null {
  const x = inputs['x'] as TensorInfo;
  const { axis, keepDims } = attrs as unknown as SumAttrs;
  const axes = parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const leading = axes.length < x.shape.length && axes.every((axis, place) => axis === place);
  if (!leading || x.dtype !== 'float32') return null;
  const kept = x.shape.slice(axes.length);
  const rows = sizeFromShape(x.shape.slice(0, axes.length));
  const sums = simd.output(keepDims ? [...axes.map(() => 1), ...kept] : kept);
  simd.functions.sumRows(rows, sizeFromShape(kept), simd.address(x), simd.address(sums));
  return { sums, rows };
}

/**
 * Repeats blocks of a tensor, as batch normalization does with its channels, and layer normalization
 * with the moments of every place: tfjs's own works out the place of every value.
 */
function tileKernel(simd: Simd): KernelConfig {
  const original = getKernel(Tile, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const x = params.inputs['x'] as TensorInfo;
      const { reps } = params.attrs as unknown as TileAttrs;
      const repeated = [...reps.keys()].filter((axis) => reps[axis] !== 1);
      const [first = 0, last = first] = [repeated[0], repeated.at(-1)];
      // Several axes repeat a block together only where all but the last of them have one place.
      const isOneBlock = sizeFromShape(x.shape.slice(first, last)) === 1;
      if (!isOneBlock || reps.length !== x.shape.length || !hasWords(x))
        return original.kernelFunc(params);
      const shape = x.shape.map((length, axis) => length * (reps[axis] ?? 1));
      const output = simd.backend.makeOutput(shape, x.dtype);
      simd.functions.repeatBlocks(
        sizeFromShape(x.shape.slice(0, first)),
        4 * sizeFromShape(x.shape.slice(first)),
        sizeFromShape(reps),
        simd.address(x),
        simd.address(output),
      );
      return output;
    },
  };
}

/**
 * Some rows and columns of pictures [batch, rows, columns, channels], as the gradient of a depthwise
 * convolution takes for each place of its filter: tfjs's own works out the place of every value.
 */
function stridedSliceKernel(simd: Simd): KernelConfig {
  const original = getKernel(StridedSlice, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const x = params.inputs['x'] as TensorInfo;
      const { begin, end, strides, ...masks } = params.attrs as unknown as StridedSliceAttrs;
      const [batch = 0, rows = 0, columns = 0, channels = 0] = x.shape;
      const [, down = 0, right = 0] = strides;
      const isPlain =
        x.shape.length === 4 &&
        [begin, end, strides].every(({ length }) => length === 4) &&
        Object.values(masks).every((mask) => mask === 0) &&
        hasWords(x) &&
        [0, 3].every((a) => begin[a] === 0 && end[a] === x.shape[a] && strides[a] === 1) &&
        [1, 2].every((a) => {
          const [from = -1, to = -1, step = 0] = [begin[a], end[a], strides[a]];
          return from >= 0 && from < to && to <= (x.shape[a] ?? 0) && step > 0;
        });
      if (!isPlain) return original.kernelFunc(params);
      const [, top = 0, left = 0] = begin;
      const [, bottom = 0, beyond = 0] = end;
      const [height, width] = [
        Math.ceil((bottom - top) / down),
        Math.ceil((beyond - left) / right),
      ];
      const output = simd.backend.makeOutput([batch, height, width, channels], x.dtype);
      const pixel = 4 * channels;
      let to = simd.address(output);
      for (let picture = 0; picture < batch; picture++) {
        for (let row = 0; row < height; row++) {
          const first = ((picture * rows + top + row * down) * columns + left) * pixel;
          const [blocks, bytes] = right === 1 ? [1, width * pixel] : [width, pixel];
          simd.functions.copyBlocks(
            blocks,
            bytes,
            simd.address(x) + first,
            right * pixel,
            to,
            bytes,
          );
          to += width * pixel;
        }
      }
      return output;
    },
  };
}

/** Cuts a tensor along an axis into parts of these sizes. */
function cut(simd: Simd, x: TensorInfo, axis: number, sizes: readonly number[]): TensorInfo[] {
  const blocks = sizeFromShape(x.shape.slice(0, axis));
  const inner = 4 * sizeFromShape(x.shape.slice(axis + 1));
  const step = inner * (x.shape[axis] ?? 1);
  let begin = 0;
  return sizes.map((size) => {
    const shape = x.shape.with(axis, size);
    const part = simd.backend.makeOutput(shape, x.dtype);
    const from = simd.address(x) + begin * inner;
    const bytes = size * inner;
    simd.functions.copyBlocks(blocks, bytes, from, step, simd.address(part), bytes);
    begin += size;
    return part;
  });
}

function splitKernel(simd: Simd): KernelConfig {
  const original = getKernel(SplitV, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const x = params.inputs['x'] as TensorInfo;
      const { numOrSizeSplits, axis } = params.attrs as unknown as SplitVAttrs;
      if (!hasWords(x)) return original.kernelFunc(params);
      const [at = 0] = parseAxisParam(axis, x.shape);
      const sizes = backend_util.prepareSplitSize(x, numOrSizeSplits, at);
      return cut(simd, x, at, sizes);
    },
  };
}

function unpackKernel(simd: Simd): KernelConfig {
  const original = getKernel(Unpack, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const x = params.inputs['value'] as TensorInfo;
      if (!hasWords(x)) return original.kernelFunc(params);
      const [axis = 0] = parseAxisParam((params.attrs as unknown as UnpackAttrs).axis, x.shape);
      const sizes = Array<number>(x.shape[axis] ?? 0).fill(1);
      const shape = x.shape.toSpliced(axis, 1);
      return cut(simd, x, axis, sizes).map(({ dataId, dtype }) => ({ dataId, dtype, shape }));
    },
  };
}

/** Kernels that only move or add values, where tfjs's own take far longer than memory does. */
export function copyKernels(simd: Simd): KernelConfig[] {
  return [
    identityKernel(simd),
    gatherKernel(simd),
    sumKernel(simd),
    meanKernel(simd),
    tileKernel(simd),
    stridedSliceKernel(simd),
    splitKernel(simd),
    unpackKernel(simd),
  ];
}
