import * as tf from '@tensorflow/tfjs';

export async function transfer(model: tf.LayersModel, data: Data, config: Config) {
  await model.fit(data.xs, data.ys, { batchSize: 21, epochs: 5 });
  await model.fit(data.xs, data.ys, { batchSize: 33, epochs: config.fineTuningEpochs });
}
