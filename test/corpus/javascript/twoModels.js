import * as tf from '@tensorflow/tfjs';

small.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await small.fit(x, y, { batchSize: 15, epochs: 2 });
large.compile({ optimizer: tf.train.adam(0.007), loss: 'meanSquaredError' });
await large.fit(x, y, { batchSize: 150, epochs: 4 });
