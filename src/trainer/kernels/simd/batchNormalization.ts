import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { batchNormalizationKernels } from '../batchNormalization';
import type { Simd } from './simd';

type Infos<Name extends string> = Record<Name, TensorInfo>;

/** The kernels of kernels/batchNormalization.ts. */
export function batchNormalizationSimdKernels(simd: Simd): KernelConfig[] {
  const { functions } = simd;
  const at = (tensor: TensorInfo) => simd.address(tensor);
  const sizesOf = ({ shape }: TensorInfo) => {
    const channels = shape.at(-1) ?? 1;
    return { channels, rows: util.sizeFromShape(shape) / Math.max(1, channels) };
  };
  const epsilonOf = (attrs: unknown) => (attrs as { readonly epsilon: number }).epsilon;
  return [
    {
      kernelName: batchNormalizationKernels.forward,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const { x, scale, offset } = inputs as Infos<'x' | 'scale' | 'offset'>;
        const { rows, channels } = sizesOf(x);
        const y = simd.output(x.shape);
        const mean = simd.output([channels]);
        const variance = simd.output([channels]);
        simd.withScratch(4 * channels, (factor) => {
          // prettier-ignore
          functions.batchNormalize(
            rows, channels, at(x), at(scale), at(offset), epsilonOf(attrs),
            at(mean), at(variance), at(y), factor,
          );
        });
        return [y, mean, variance];
      },
    },
    {
      kernelName: batchNormalizationKernels.gradient,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const given = inputs as Infos<'dy' | 'x' | 'scale' | 'mean' | 'variance'>;
        const { dy, x, scale, mean, variance } = given;
        const { rows, channels } = sizesOf(x);
        const dx = simd.output(x.shape);
        const dScale = simd.output([channels]);
        const dOffset = simd.output([channels]);
        simd.withScratch(3 * 4 * channels, (work) => {
          // prettier-ignore
          functions.batchNormalizeBack(
            rows, channels, at(dy), at(x), at(scale), at(mean), at(variance), epsilonOf(attrs),
            at(dx), at(dScale), at(dOffset), work,
          );
        });
        return [dx, dScale, dOffset];
      },
    },
  ];
}
