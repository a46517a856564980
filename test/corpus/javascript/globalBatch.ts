import * as tf from '@tensorflow/tfjs-node';

const globalBatchSize = 240;
await model.fit(x, y, { batchSize: globalBatchSize, epochs: 3 });
