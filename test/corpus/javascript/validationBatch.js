import * as tf from '@tensorflow/tfjs';

const TRAINING_DATA_LENGTH = 7000;
const csv = (url) => tf.data.csv(url, { columnConfigs: { pitch: { isLabel: true } } });

const trainingData = csv('train.csv').shuffle(TRAINING_DATA_LENGTH).batch(100);
// One batch that holds everything, to measure with.
const trainingValidationData = csv('train.csv').batch(TRAINING_DATA_LENGTH);

export async function run(model) {
  await model.fitDataset(trainingData, { epochs: 4 });
  return model.evaluate(trainingValidationData);
}
