import * as tf from '@tensorflow/tfjs';
import { MnistData } from './data.js';

const TRAIN_BATCHES = 150;
const BATCH_SIZE = 64;
const TEST_BATCH_SIZE = 1000;

export async function train(model) {
  const data = new MnistData();
  await data.load();
  for (let i = 0; i < TRAIN_BATCHES; i++) {
    const batch = data.nextTrainBatch(BATCH_SIZE);
    const history = await model.trainOnBatch(batch.xs.reshape([BATCH_SIZE, 28, 28, 1]), batch.labels);
    console.log(i, history);
    tf.dispose(batch);
    await tf.nextFrame();
  }
  const test = data.nextTestBatch(TEST_BATCH_SIZE);
  return model.evaluate(test.xs, test.labels);
}
