import * as tf from '@tensorflow/tfjs';

const batchSize = 100;
const learningRate = 0.1;
const optimizer = tf.train.sgd(learningRate);
const w = tf.variable(tf.randomNormal([784, 10]));

export function step(xs: tf.Tensor2D, ys: tf.Tensor2D): void {
  optimizer.minimize(() => tf.losses.softmaxCrossEntropy(ys, xs.matMul(w)) as tf.Scalar);
}

export async function train(data: { next(n: number): Promise<{ xs: tf.Tensor2D; ys: tf.Tensor2D }> }): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const { xs, ys } = await data.next(batchSize);
    step(xs, ys);
  }
}
