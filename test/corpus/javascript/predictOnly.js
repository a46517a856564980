import * as tf from '@tensorflow/tfjs';

const batchSize = 64;

export async function classify(images) {
  const model = await tf.loadLayersModel('/model/model.json');
  return model.predict(images, { batchSize });
}
