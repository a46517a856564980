import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { OutOfMemoryError } from '../../../../src/trainer/memory/memoryMeter';
import { loadWasm } from '../backends';

/** In a file of its own: a module that ran out of memory is not to be used again. */
it('says so when WASM memory is used up, and lets nothing be computed after', async () => {
  const { meter } = await loadWasm();
  const x = tf.ones([8]);
  // Four gibibytes by pieces, without touching them.
  const allocate = () => {
    const { wasm } = tf.backend() as unknown as { wasm: { _malloc(bytes: number): number } };
    for (let piece = 0; piece < 10; piece++) wasm._malloc(2 ** 29);
  };
  expect(allocate).toThrow(OutOfMemoryError);
  expect(meter.liveBytes()).toBeLessThan(2 ** 32 - 2 ** 16);
  expect(meter.liveBytes()).toBeGreaterThan(3 * 2 ** 30);
  expect(meter.exhausted()).toBe(true);
  expect(() => tf.add(x, 1)).toThrow(OutOfMemoryError);
  expect(() => {
    meter.check();
  }).toThrow(OutOfMemoryError);
});
