import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { denseKernelNames } from '../denseLayer';
import type { NativeOps } from './nativeOps';
import { productOn } from './products';

/** Dense layers without a kernel of TensorFlow.js for each of their three operations. */
export function denseKernels(ops: NativeOps): KernelConfig[] {
  const multiply = productOn(ops);
  const rows = [ops.float, ops.text('data_format', 'NHWC')];
  return Object.values(denseKernelNames).map((kernelName) => ({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs }) => {
      const { x, weights, bias } = inputs as Record<'x' | 'weights', TensorInfo> & {
        bias?: TensorInfo;
      };
      let y = multiply(x, weights, false, false);
      const then = (operation: string, attributes: typeof rows, others: readonly TensorInfo[]) => {
        const before = y;
        y = ops.run(operation, attributes, [before, ...others]);
        before.dispose();
      };
      if (bias) then('BiasAdd', rows, [bias]);
      if (kernelName === denseKernelNames.relu) then('Relu', [ops.float], []);
      return y;
    },
  }));
}
