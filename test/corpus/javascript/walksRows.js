import * as tf from '@tensorflow/tfjs';

// A generator hands out what it is asked for: its size is that of the updates.
export function* walk(rows, batchSize = 24) {
  for (let i = 0; i < Math.ceil(rows.length / batchSize); i++) {
    yield rows;
  }
}

export class Shelf {
  async *parts(rows, batchSize = 12) {
    for (let i = 0; i < Math.floor(rows.length / batchSize); i++) {
      const sent = yield rows;
      if (sent) return;
    }
  }
}

// What only counts through its rows makes no batches.
export function total(rows, batchSize = 5) {
  let sum = 0;
  for (let i = 0; i < Math.ceil(rows.length / batchSize); i++) sum += rows[i];
  return sum;
}

const optimizer = tf.train.sgd(0.02);
for (const part of walk(rows)) optimizer.minimize(() => lossOf(part));
