import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { optimizers } from '../../../../src/config/trainingSchema';
import { optimizerMemory } from '../../../../src/core/model/memoryEstimate';
import { createOptimizer } from '../../../../src/trainer/model/optimizer';
import { loadWasm } from '../backends';

beforeAll(async () => {
  await loadWasm();
});

const size = 4096;

it.each(optimizers)(
  '%s keeps as many values a weight as the memory estimate counts',
  async (name) => {
    await tf.setBackend('wasm');
    const variable = tf.variable(tf.ones([size]));
    const gradient = tf.ones([size]);
    const optimizer = createOptimizer({ name }, 0.1);
    const before = tf.memory().numBytes;
    for (let step = 0; step < 2; step++) optimizer.applyGradients({ [variable.name]: gradient });
    const kept = (tf.memory().numBytes - before) / (4 * size);
    expect(Math.floor(kept)).toBe(optimizerMemory(name).slots);
    optimizer.dispose();
    tf.dispose([variable, gradient]);
  },
);
