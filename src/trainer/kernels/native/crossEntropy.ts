import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { crossEntropyKernelName } from '../crossEntropy';
import type { NativeOps } from './nativeOps';

/** Losses of each sample and, in the same pass, their gradients with respect to the logits. */
export function crossEntropyKernel(ops: NativeOps): KernelConfig {
  const attributes = [ops.float, ops.type('Tlabels', 'int32')];
  return {
    kernelName: crossEntropyKernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs }) => {
      const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
      const operation = 'SparseSoftmaxCrossEntropyWithLogits';
      return ops.backend.executeMultipleOutputs(operation, attributes, [logits, labels], 2);
    },
  };
}
