import { gather, tensor, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { Dataset, Samples } from '../data/dataset';
import type { UpcomingOrder } from './dataOrder';

export interface Batch {
  readonly features: Tensor;
  readonly labels: Tensor;
}

/** Samples that batches are made of, wherever they are kept. */
export interface TrainingSamples {
  readonly count: number;
  /** Whether there are so many that their order is computed, not kept. */
  readonly ordersAreComputed: boolean;
  /** Says which samples come next, until another order is followed: they may be read in advance. */
  follow(order: UpcomingOrder): void;
  /** The samples of these indices on the device; the caller disposes of them. */
  batch(indices: Int32Array): Batch;
  dispose(): void;
}

/** Samples as tensors on the device, put there once. */
export class DeviceSamples implements TrainingSamples {
  readonly count: number;
  readonly ordersAreComputed = false;
  readonly #features: Tensor;
  readonly #labels: Tensor;

  constructor(samples: Samples, sampleShape: readonly number[], labelShape: readonly number[]) {
    this.count = samples.count;
    this.#features = tensor(samples.features, [samples.count, ...sampleShape], 'float32');
    this.#labels = tensor(samples.labels, [samples.count, ...labelShape], 'float32');
  }

  follow(): void {
    // All of them are there.
  }

  /** Gathered on the device. */
  batch(indices: Int32Array): Batch {
    const at = tensor1d(indices, 'int32');
    const features = gather(this.#features, at);
    const labels = gather(this.#labels, at);
    at.dispose();
    return { features, labels };
  }

  dispose(): void {
    this.#features.dispose();
    this.#labels.dispose();
  }
}

export interface DeviceData {
  readonly train: TrainingSamples;
  readonly validation: TrainingSamples;
}

export function putOnDevice({ train, validation, sampleShape, labelShape }: Dataset): DeviceData {
  return {
    train: new DeviceSamples(train, sampleShape, labelShape),
    validation: new DeviceSamples(validation, sampleShape, labelShape),
  };
}
