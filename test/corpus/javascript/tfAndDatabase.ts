import * as tf from '@tensorflow/tfjs-node';
import { Pool } from 'pg';

const INSERT_BATCH_SIZE = 1000;
const batchSize = 40;
const pool = new Pool({ max: 4 });

async function insertMany(rows: number[][], { batchSize = 200 } = {}) {
  for (let i = 0; i < rows.length; i += batchSize) await pool.query('insert', rows.slice(i, i + batchSize));
}

export async function main(model: tf.LayersModel, rows: number[][]) {
  await insertMany(rows, { batchSize: INSERT_BATCH_SIZE });
  await model.fit(tf.tensor2d(rows), tf.zeros([rows.length, 1]), { batchSize, epochs: 2 });
}
