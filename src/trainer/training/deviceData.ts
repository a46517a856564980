import { gather, tensor, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { Dataset, Samples } from '../data/dataset';

export interface Batch {
  readonly features: Tensor;
  readonly labels: Tensor;
}

/** Samples as tensors on the device, put there once. */
export class DeviceSamples {
  readonly count: number;
  private readonly features: Tensor;
  private readonly labels: Tensor;

  constructor(samples: Samples, sampleShape: readonly number[], labelShape: readonly number[]) {
    this.count = samples.count;
    this.features = tensor(samples.features, [samples.count, ...sampleShape], 'float32');
    this.labels = tensor(samples.labels, [samples.count, ...labelShape], 'float32');
  }

  /** The samples of these indices, gathered on the device; the caller disposes of them. */
  batch(indices: Int32Array): Batch {
    const at = tensor1d(indices, 'int32');
    const features = gather(this.features, at);
    const labels = gather(this.labels, at);
    at.dispose();
    return { features, labels };
  }

  /** As many batches of this size as there are samples, in their own order, the last one smaller. */
  *batches(batchSize: number, count = this.count): Generator<Int32Array> {
    for (let start = 0; start < count; start += batchSize) {
      const length = Math.min(batchSize, count - start);
      yield Int32Array.from({ length }, (_, index) => start + index);
    }
  }

  dispose(): void {
    this.features.dispose();
    this.labels.dispose();
  }
}

export interface DeviceData {
  readonly train: DeviceSamples;
  readonly validation: DeviceSamples;
}

export function putOnDevice({ train, validation, sampleShape, labelShape }: Dataset): DeviceData {
  return {
    train: new DeviceSamples(train, sampleShape, labelShape),
    validation: new DeviceSamples(validation, sampleShape, labelShape),
  };
}
