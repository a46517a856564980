import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

interface TrainOptions {
  batchSize?: number;
  epochs?: number;
}

export class Trainer {
  private readonly learningRate = 0.002;

  constructor(private readonly model: LayersModel) {}

  async run(x: tf.Tensor, y: tf.Tensor, options: TrainOptions = {}): Promise<void> {
    const { batchSize = 24, epochs = 6 } = options;
    this.model.compile({ optimizer: tf.train.rmsprop(this.learningRate), loss: 'meanSquaredError' });
    await this.model.fit(x, y, { batchSize, epochs, shuffle: true });
  }
}
