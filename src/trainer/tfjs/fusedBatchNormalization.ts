import { add, mul, sub, tidy, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { hasBatchNormalizationKernel, normalizeBatch } from '../kernels/batchNormalization';
import { firstTensor, isTraining } from '../layers/keras';
import type { Call, Kwargs } from './overrideCall';

interface Weight {
  read(): Tensor;
}

interface Moving extends Weight {
  write(value: Tensor): unknown;
}

interface BatchNormalization extends InstanceType<typeof layers.Layer> {
  readonly axis: number | readonly number[];
  readonly gamma: Weight;
  readonly beta: Weight;
  readonly movingMean: Moving;
  readonly movingVariance: Moving;
  readonly momentum: number;
  readonly epsilon: number;
}

/**
 * Where the backend has a kernel for it, a batch is normalized in one operation: tfjs takes some
 * thirty for a layer that trains.
 */
export function batchNormalizationInOneKernel(
  layer: BatchNormalization,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
) {
  const x = firstTensor(inputs);
  const isLast = [-1, x.rank - 1].includes(Number(layer.axis));
  const isSupported = x.dtype === 'float32' && isLast && hasBatchNormalizationKernel();
  if (!isTraining(kwargs) || !isSupported) return original(inputs, kwargs);
  return tidy(() => {
    const { gamma, beta, epsilon, momentum } = layer;
    const weights = { scale: gamma.read() as Tensor1D, offset: beta.read() as Tensor1D };
    const [y, mean, variance] = normalizeBatch({ x, ...weights }, epsilon);
    const follow = (moving: Moving, value: Tensor) => {
      const before = moving.read();
      moving.write(add(before, mul(sub(value, before), 1 - momentum)));
    };
    follow(layer.movingMean, mean);
    follow(layer.movingVariance, variance);
    return y;
  });
}
