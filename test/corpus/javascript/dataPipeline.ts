import * as tf from '@tensorflow/tfjs';

const BATCH = 48;

export async function train(url: string, learningRate = 0.01): Promise<tf.LayersModel> {
  const rows = tf.data.csv(url, { columnConfigs: { price: { isLabel: true } } });
  const flat = rows
    .map(({ xs, ys }: any) => ({ xs: Object.values(xs), ys: Object.values(ys) }))
    .shuffle(1000)
    .batch(BATCH);
  const model: tf.Sequential = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [12], units: 1 }));
  model.compile({ optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError' });
  await model.fitDataset(flat, {
    epochs: 100,
    callbacks: { onEpochEnd: async (epoch, logs) => console.log(epoch, logs?.loss) },
  });
  return model;
}
