import {
  backend_util,
  GatherV2,
  getKernel,
  Identity,
  SplitV,
  Sum,
  Unpack,
  util,
  type GatherV2Attrs,
  type KernelConfig,
  type SplitVAttrs,
  type SumAttrs,
  type TensorInfo,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
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
    kernelFunc: (params) => {
      const x = params.inputs['x'] as TensorInfo;
      const { axis, keepDims } = params.attrs as unknown as SumAttrs;
      const axes = parseAxisParam(axis, x.shape).sort((a, b) => a - b);
      const leading = axes.length < x.shape.length && axes.every((axis, place) => axis === place);
      if (!leading || x.dtype !== 'float32') return original.kernelFunc(params);
      const kept = x.shape.slice(axes.length);
      const output = simd.output(keepDims ? [...axes.map(() => 1), ...kept] : kept);
      simd.functions.sumRows(
        sizeFromShape(x.shape.slice(0, axes.length)),
        sizeFromShape(kept),
        simd.address(x),
        simd.address(output),
      );
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
    splitKernel(simd),
    unpackKernel(simd),
  ];
}
