import {
  BatchMatMul,
  getKernel,
  util,
  type BatchMatMulAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { allOf, type NativeOps } from './nativeOps';

/** Multiplications up to which a product is not worth handing to other threads. */
const small = 2 ** 19;

/**
 * Matrix products by operations that keep small ones on the thread they are asked for on. tfjs-node
 * takes `BatchMatMulV2` for all, which never does: 8 × 128 × 128 take 110 µs on two cores and 17 µs
 * on one, and `MatMul` takes 24 and 14 µs. Large ones gain from the threads.
 */
export function productKernels(ops: NativeOps): KernelConfig[] {
  const { kernelFunc: original } = getKernel(BatchMatMul, 'tensorflow');
  const stacked = ['Ta', 'Tb', 'Tout'].map((name) => ops.type(name, 'float32'));
  const stackedOffered = ops.offers('BatchMatMulV3', [...stacked, ...flags('adj_x', 'adj_y')], 3);

  function flags(first: string, second: string, transposeA = false, transposeB = false) {
    return [ops.flag(first, transposeA), ops.flag(second, transposeB)];
  }

  return [
    {
      kernelName: BatchMatMul,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { a, b } = args.inputs as Record<'a' | 'b', TensorInfo>;
        const { transposeA, transposeB } = args.attrs as unknown as BatchMatMulAttrs;
        if (!allOf('float32', a, b)) return original(args);
        const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
        const isSmall = util.sizeFromShape(a.shape) * columns <= small;
        if (isSmall && a.shape.length === 2 && b.shape.length === 2) {
          const transposed = flags('transpose_a', 'transpose_b', transposeA, transposeB);
          return ops.run('MatMul', [ops.float, ...transposed], [a, b]);
        }
        if (!stackedOffered || !isSmall) return original(args);
        const transposed = flags('adj_x', 'adj_y', transposeA, transposeB);
        return ops.run('BatchMatMulV3', [...stacked, ...transposed], [a, b]);
      },
    },
  ];
}
