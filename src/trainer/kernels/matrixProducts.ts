import {
  _FusedMatMul,
  BatchMatMul,
  getKernel,
  tidy,
  transpose,
  type BatchMatMulAttrs,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** Exchanges the last two axes. */
function transposed(matrices: Tensor): Tensor {
  const { rank } = matrices;
  return transpose(matrices, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/**
 * A matrix product whose operands are transposed first, as a whole: tfjs's own kernel multiplies
 * plain operands with XNNPACK, but transposed ones, which every gradient of a dense layer has, in a
 * loop ten times slower.
 */
function transposingFirst(kernelName: string): KernelConfig {
  const original = getKernel(kernelName, 'wasm');
  return {
    ...original,
    kernelFunc: (params) => {
      const { transposeA, transposeB } = params.attrs as unknown as BatchMatMulAttrs;
      if (!transposeA && !transposeB) return original.kernelFunc(params);
      const a = params.inputs['a'] as Tensor;
      const b = params.inputs['b'] as Tensor;
      const plainA = transposeA ? tidy(() => transposed(a)) : a;
      const plainB = transposeB ? tidy(() => transposed(b)) : b;
      const product = original.kernelFunc({
        ...params,
        inputs: { ...params.inputs, a: plainA, b: plainB },
        attrs: { ...params.attrs, transposeA: false, transposeB: false },
      }) as TensorInfo;
      if (transposeA) plainA.dispose();
      if (transposeB) plainB.dispose();
      return product;
    },
  };
}

export function matrixProductKernels(): KernelConfig[] {
  return [transposingFirst(BatchMatMul), transposingFirst(_FusedMatMul)];
}
