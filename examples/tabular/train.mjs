// Trains the model of this folder: `node examples/tabular/train.mjs`. Needs TensorFlow.js
// (@tensorflow/tfjs-core, tfjs-layers and tfjs-backend-wasm); its batch size and learning rate are
// those of batchwise.json, and Batchwise puts the tuned ones here, too.
import * as tf from '@tensorflow/tfjs-core';
import * as tfLayers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';

const here = (name) => new URL(name, import.meta.url);
await tf.setBackend('wasm');
await tf.ready();

const [header, ...rows] = readFileSync(here('compressors.csv'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const label = header.indexOf('condition');
const classes = [...new Set(rows.map((row) => row[label]))].sort();

const raw = tf.tensor2d(rows.map((row) => row.filter((_, column) => column !== label).map(Number)));
const { mean, variance } = tf.moments(raw, 0);
const features = tf.div(tf.sub(raw, mean), tf.sqrt(variance));
const indices = tf.tensor1d(
  rows.map((row) => classes.indexOf(row[label])),
  'int32',
);
const labels = tf.oneHot(indices, classes.length);

const model = await tfLayers.models.modelFromJSON(
  JSON.parse(readFileSync(here('model.json'), 'utf8')),
);
model.compile({
  optimizer: tf.train.adam(0.001),
  loss: 'categoricalCrossentropy',
  metrics: ['accuracy'],
});

await model.fit(features, labels, {
  batchSize: 32,
  epochs: 20,
  validationSplit: 0.2,
  callbacks: {
    onEpochEnd: (epoch, logs) =>
      console.log(
        `epoch ${epoch + 1}: loss ${logs.loss.toFixed(3)}, validation loss ` +
          `${logs.val_loss.toFixed(3)}, accuracy ${logs.val_acc.toFixed(3)}`,
      ),
  },
});
