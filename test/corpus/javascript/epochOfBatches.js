import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [6] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });

async function roundsDown(rows, batchSize = 21) {
  const data = tf.data.generator(() => endless(rows)).batch(batchSize);
  await model.fitDataset(data, { epochs: 3, batchesPerEpoch: Math.floor(rows.length / batchSize) });
}

async function roundsUp(rows, batchSize = 23) {
  const data = tf.data.generator(() => endless(rows)).batch(batchSize);
  await model.fitDataset(data, { epochs: 3, batchesPerEpoch: Math.ceil(rows.length / batchSize) });
}
