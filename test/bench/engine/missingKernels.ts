import * as tf from '@tensorflow/tfjs-core';

/**
 * The one kernel without which a convolution does not train on tfjs's WASM backend at all: the
 * filter gradient, put together from operations that the backend has, for stride 1 without padding.
 */
export function registerMissingKernels(): void {
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { strides, pad } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
      if (pad !== 'valid' || [strides].flat().some((stride) => stride !== 1)) {
        throw new Error('Only stride 1 without padding is needed here.');
      }
      const x = inputs['x'] as tf.Tensor as tf.Tensor4D;
      const dy = inputs['dy'] as tf.Tensor as tf.Tensor4D;
      return tf.tidy(() =>
        tf.transpose(
          tf.conv2d(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 1, 'valid'),
          [1, 2, 0, 3],
        ),
      );
    },
  });
}
