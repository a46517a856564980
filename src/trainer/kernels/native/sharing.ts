import {
  Cast,
  getKernel,
  Reshape,
  Sum,
  util,
  type CastAttrs,
  type KernelConfig,
  type ReshapeAttrs,
  type SumAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { allOf, type NativeOps } from './nativeOps';

/**
 * Cheaper versions of what gradients often contain: casts to the type that a tensor has and reshapes
 * to its own shape, for which tfjs-node runs operations (a copy, for the first), and shapes and axes
 * that are the same in every step.
 */
export function sharingKernels(ops: NativeOps): KernelConfig[] {
  const { kernelFunc: cast } = getKernel(Cast, 'tensorflow');
  const { kernelFunc: reshape } = getKernel(Reshape, 'tensorflow');
  const { kernelFunc: sum } = getKernel(Sum, 'tensorflow');
  const shapeType = ops.type('Tshape', 'int32');
  const axesType = ops.type('Tidx', 'int32');
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
        if (util.arraysEqual(shape, x.shape)) return ops.share(x);
        if (!allOf('float32', x)) return reshape(args);
        return ops.run('Reshape', [ops.float, shapeType], [x, ops.constants.integers(shape)]);
      },
    },
    {
      kernelName: Sum,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { x } = args.inputs as { x: TensorInfo };
        const { axis, keepDims } = args.attrs as unknown as SumAttrs;
        if (!allOf('float32', x)) return sum(args);
        const axes = ops.constants.integers(util.parseAxisParam(axis, x.shape));
        const attributes = [ops.float, axesType, ops.flag('keep_dims', keepDims)];
        return ops.run('Sum', attributes, [x, axes]);
      },
    },
  ];
}
