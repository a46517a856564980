import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { adamKernelName, type AdamStep } from '../adamUpdate';
import { DeviceVariables } from './deviceVariables';
import type { NativeOps } from './nativeOps';

/** Optimizer updates as one operation of TensorFlow for each variable. */
export function updateKernels(ops: NativeOps): KernelConfig[] {
  const variables = new DeviceVariables(ops);

  const update = (
    operation: string,
    updated: readonly (TensorInfo | undefined)[],
    numbers: readonly number[],
    gradient: TensorInfo | undefined,
  ) => {
    if (!gradient) throw new Error(`${operation} needs a gradient.`);
    const ids = numbers.map((number) => ops.scalars.id(number));
    const tensors = updated.filter((tensor) => tensor !== undefined);
    variables.apply(operation, tensors, [...ids, ...ops.ids(gradient)], []);
    return [];
  };

  return [
    {
      kernelName: adamKernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs }) => {
        const { weights, first, second, gradient } = inputs;
        const { beta1, beta2, rate, secondCorrection, epsilon } = attrs as unknown as AdamStep;
        const root = Math.sqrt(secondCorrection);
        // Powers of zero let it take the rate as it is: ours has both corrections in it already.
        const numbers = [0, 0, rate / root, beta1, beta2, epsilon / root];
        return update('ResourceApplyAdam', [weights, first, second], numbers, gradient);
      },
    },
  ];
}
