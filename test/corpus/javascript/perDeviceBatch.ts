import * as tf from '@tensorflow/tfjs-node';

const perDeviceBatchSize = 16;
await model.fit(x, y, { batchSize: perDeviceBatchSize, epochs: 3 });
