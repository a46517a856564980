import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [8] })] });
model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
const rows = tf.data.generator(makeRows).batch(28);
await model.fitDataset(rows, { epochs: 6, batchesPerEpoch: 50 });
