import * as tf from '@tensorflow/tfjs';

export class Frogs {
  constructor(
    private readonly model: tf.Sequential,
    private readonly validationYs: tf.Tensor,
  ) {}

  async fit(xs: tf.Tensor, ys: tf.Tensor) {
    await this.model.fit(xs, ys, { batchSize: 26, epochs: 9 });
  }

  async countErrors(validationXs: tf.Tensor) {
    const batchSize = Math.min(this.validationYs.size, 38);
    const guesses = this.model.predict(validationXs, { batchSize }) as tf.Tensor;
    return guesses.notEqual(this.validationYs).sum();
  }
}
