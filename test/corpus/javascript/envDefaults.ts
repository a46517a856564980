import * as tf from '@tensorflow/tfjs-node-gpu';
import { program } from 'commander';

program
  .option('-e, --epochs <n>', 'passes over the data', parseInt, 30)
  .option('-b, --batch-size <n>', 'samples per update', '80');
program.parse();
const options = program.opts();

const learningRate = Number(process.env.LEARNING_RATE ?? '0.0004');
const batchSize = Number(options.batchSize);

export async function main(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor) {
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'binaryCrossentropy' });
  await model.fit(x, y, { batchSize: batchSize as number, epochs: options.epochs! });
}
