import {
  engine,
  getKernel,
  reshape,
  ResizeNearestNeighborGrad,
  tidy,
  transpose,
  type KernelConfig,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** [batch, rows, columns, channels] as one image whose channels are those of all. */
function asOneImage(images: Tensor4D): Tensor4D {
  const [batch, rows, columns, channels] = images.shape;
  return reshape(transpose(images, [1, 2, 0, 3]), [1, rows, columns, batch * channels]);
}

/**
 * The gradient of nearest-neighbour upsampling on the CPU backend: tfjs's own takes the gradients
 * of every image but the first from the wrong place, so it is given one image.
 */
export function cpuResizeGradientKernel(): KernelConfig {
  const original = getKernel(ResizeNearestNeighborGrad, 'cpu');
  return {
    ...original,
    kernelFunc: (params) =>
      tidy(() => {
        const images = params.inputs['images'] as Tensor as Tensor4D;
        const [batch, rows, columns, channels] = images.shape;
        const inputs = {
          images: asOneImage(images),
          dy: asOneImage(params.inputs['dy'] as Tensor as Tensor4D),
        };
        const gradient = original.kernelFunc({ ...params, inputs }) as TensorInfo;
        const all = engine().makeTensorFromTensorInfo(gradient);
        return transpose(reshape(all, [rows, columns, batch, channels]), [2, 0, 1, 3]);
      }),
  };
}
