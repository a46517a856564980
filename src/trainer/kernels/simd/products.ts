import {
  _FusedMatMul,
  backend_util,
  BatchMatMul,
  getKernel,
  util,
  type BatchMatMulAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { lowestOf } from './activations';
import type { Simd } from './simd';

const { assertAndGetBroadcastShape, sizeFromShape } = { ...backend_util, ...util };

/**
 * The product of float32 matrices [batch …, rows, columns], transposed or not; null where their
 * batches do not pair one to one or one to all.
 */
function product(
  simd: Simd,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: BatchMatMulAttrs,
): TensorInfo | null {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const [aRows = 1, aColumns = 1] = a.shape.slice(-2);
  const [bRows = 1, bColumns = 1] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [depth, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  const aBatches = a.shape.slice(0, -2);
  const bBatches = b.shape.slice(0, -2);
  const batches = assertAndGetBroadcastShape(aBatches, bBatches);
  const batch = sizeFromShape(batches);
  const pairs = [sizeFromShape(aBatches), sizeFromShape(bBatches)];
  if (depth !== k || pairs.some((count) => count !== batch && count !== 1)) return null;
  const [aStep, bStep] = pairs.map((count) => count > 1);

  const output = simd.output([...batches, m, n]);
  const { functions } = simd;
  const [aRow, aDepth] = transposeA ? [4, 4 * m] : [4 * k, 4];
  const [bDepth, bColumn] = transposeB ? [4, 4 * k] : [4 * n, 4];
  // prettier-ignore
  simd.withScratch(functions.matrixProductScratch(), (scratch) => {
    functions.matrixProducts(
      batch, m, n, k,
      simd.address(a), aStep ? 4 * m * k : 0, aRow, aDepth,
      simd.address(b), bStep ? 4 * k * n : 0, bDepth, bColumn,
      simd.address(output), 4 * m * n, scratch,
    );
  });
  return output;
}

type FusedAttrs = BatchMatMulAttrs & { readonly activation?: string };

/**
 * Matrix products that take transposed operands as they are and any number of pairs at once: tfjs's
 * own run plain loops for both. What ours do not cover goes to the kernel that was there before.
 */
export function productKernels(simd: Simd): KernelConfig[] {
  const plain = getKernel(BatchMatMul, 'wasm');
  const fused = getKernel(_FusedMatMul, 'wasm');
  return [
    {
      ...plain,
      kernelFunc: (params) => {
        const { a, b } = params.inputs as { a: TensorInfo; b: TensorInfo };
        const attrs = params.attrs as unknown as BatchMatMulAttrs;
        return product(simd, a, b, attrs) ?? plain.kernelFunc(params);
      },
    },
    {
      ...fused,
      kernelFunc: (params) => {
        const { a, b, bias } = params.inputs as Record<'a' | 'b' | 'bias', TensorInfo | undefined>;
        const attrs = params.attrs as unknown as FusedAttrs;
        const lowest = lowestOf(attrs.activation);
        const columns = b?.shape.at(attrs.transposeB ? -2 : -1) ?? 1;
        const known = a && b && lowest !== null && simd.canAdd(bias, columns);
        const output = known ? product(simd, a, b, attrs) : null;
        if (!output || lowest === null) return fused.kernelFunc(params);
        simd.finish(output, bias, lowest);
        return output;
      },
    },
  ];
}
