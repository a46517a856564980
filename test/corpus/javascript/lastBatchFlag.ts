import * as tf from '@tensorflow/tfjs-node';
import { readClips, songNet } from './songs';

const keepAll = false;
const model = songNet();
model.compile({ optimizer: tf.train.adam(0.004), loss: 'categoricalCrossentropy' });
await model.fitDataset(tf.data.generator(readClips).batch(26, keepAll), { epochs: 8 });
await model.fitDataset(tf.data.generator(readClips).batch(52, process.env.ALL === '1'), {
  epochs: 4,
});
