import {
  BatchMatMul,
  getKernel,
  util,
  type BatchMatMulAttrs,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { allOf, type NativeOps } from './nativeOps';
import { isProfiled } from './profiled';

/** Multiplications up to which a product is not worth handing to other threads. */
const small = 2 ** 22;
/** Multiplications from which `MatMul` hands a product to other threads itself. */
const large = 2 ** 26;

type Product = (a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean) => Tensor;

const flagsOf = (ops: NativeOps, first: string, second: string, values: readonly boolean[]) => [
  ops.flag(first, values[0] ?? false),
  ops.flag(second, values[1] ?? false),
];

/**
 * Products of float32 matrices, by the operation that hands them to other threads where that pays.
 * `BatchMatMulV2`, which tfjs-node takes for all, always does: 512 × 128 × 10 take 126 µs on two
 * threads and 40 on one, and `MatMul` 45 and 41. It leaves those of up to some 2²⁵ multiplications on
 * one thread, and is a little faster with the largest.
 */
export function productOn(ops: NativeOps): Product {
  const profiled = isProfiled();
  return (a, b, transposeA, transposeB) => {
    const multiplications = util.sizeFromShape(a.shape) * (b.shape.at(transposeB ? -2 : -1) ?? 1);
    const onesOwn = !profiled && (multiplications <= small || multiplications >= large);
    const transposed = [transposeA, transposeB];
    return onesOwn
      ? ops.run(
          'MatMul',
          [ops.float, ...flagsOf(ops, 'transpose_a', 'transpose_b', transposed)],
          [a, b],
        )
      : ops.run(
          'BatchMatMulV2',
          [ops.float, ...flagsOf(ops, 'adj_x', 'adj_y', transposed)],
          [a, b],
        );
  };
}

/** The same for stacks of matrices where they are small. */
export function productKernels(ops: NativeOps): KernelConfig[] {
  const { kernelFunc: original } = getKernel(BatchMatMul, 'tensorflow');
  const multiply = productOn(ops);
  const stacked = ['Ta', 'Tb', 'Tout'].map((name) => ops.type(name, 'float32'));
  const stackedOffered =
    !isProfiled() &&
    ops.offers('BatchMatMulV3', [...stacked, ...flagsOf(ops, 'adj_x', 'adj_y', [])], 3);
  return [
    {
      kernelName: BatchMatMul,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { a, b } = args.inputs as Record<'a' | 'b', TensorInfo>;
        const { transposeA, transposeB } = args.attrs as unknown as BatchMatMulAttrs;
        if (!allOf('float32', a, b)) return original(args);
        if (a.shape.length === 2 && b.shape.length === 2)
          return multiply(a, b, transposeA, transposeB);
        const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
        const isSmall = util.sizeFromShape(a.shape) * columns <= small;
        if (!stackedOffered || !isSmall) return original(args);
        const transposed = flagsOf(ops, 'adj_x', 'adj_y', [transposeA, transposeB]);
        return ops.run('BatchMatMulV3', [...stacked, ...transposed], [a, b]);
      },
    },
  ];
}
