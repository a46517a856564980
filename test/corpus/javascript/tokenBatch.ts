import * as tf from '@tensorflow/tfjs';

const settings = { tokensPerBatch: 4096, learningRate: 0.001 };
const optimizer = tf.train.adam(settings.learningRate);
optimizer.minimize(() => loss(next(settings.tokensPerBatch)));
