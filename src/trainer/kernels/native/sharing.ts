import {
  Cast,
  getKernel,
  Reshape,
  util,
  type CastAttrs,
  type KernelConfig,
  type ReshapeAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { NativeOps } from './nativeOps';

/**
 * Casts to the type that a tensor has and reshapes to its own shape, which gradients are full of:
 * tfjs-node runs an operation for each, and a copy for the first.
 */
export function sharingKernels(ops: NativeOps): KernelConfig[] {
  const { kernelFunc: cast } = getKernel(Cast, 'tensorflow');
  const { kernelFunc: reshape } = getKernel(Reshape, 'tensorflow');
  return [
    {
      kernelName: Cast,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { x } = args.inputs as { x: TensorInfo };
        const { dtype } = args.attrs as unknown as CastAttrs;
        return dtype === x.dtype ? ops.share(x) : cast(args);
      },
    },
    {
      kernelName: Reshape,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { x } = args.inputs as { x: TensorInfo };
        const { shape } = args.attrs as unknown as ReshapeAttrs;
        return util.arraysEqual(shape, x.shape) ? ops.share(x) : reshape(args);
      },
    },
  ];
}
