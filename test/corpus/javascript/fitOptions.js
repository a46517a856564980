import * as tf from '@tensorflow/tfjs';

const BATCH_SIZE = 64;
const xs = tf.randomNormal([2000, 10]);
const ys = tf.randomUniform([2000, 1]);

const model = tf.sequential();
model.add(tf.layers.dense({ units: 32, activation: 'relu', inputShape: [10] }));
model.add(tf.layers.dense({ units: 1 }));
model.compile({ optimizer: tf.train.adam(0.003), loss: 'meanSquaredError' });

await model.fit(xs, ys, {
  batchSize: BATCH_SIZE,
  epochs: 25,
  validationSplit: 0.1,
});
const preds = model.predict(xs, { batchSize: 500 });
const score = model.evaluate(xs, ys, { batchSize: 250 });
