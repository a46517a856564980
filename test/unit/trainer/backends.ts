import '../../../src/trainer/tfjs/tf';
import * as tf from '@tensorflow/tfjs-core';
import path from 'node:path';
import { expect } from 'vitest';
import type { Device } from '../../../src/trainer/backends/backend';
import { cpuBackend } from '../../../src/trainer/backends/cpu';
import { wasmBackend } from '../../../src/trainer/backends/wasm';

export const wasmFolder = path.resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist');

async function load(backend: { load: typeof cpuBackend.load }): Promise<Device> {
  const loaded = await backend.load();
  if (!loaded.ok) throw new Error(loaded.problem.reason);
  return loaded.value;
}

export const loadWasm = () => load(wasmBackend(wasmFolder));
export const loadCpu = () => load(cpuBackend);

/** A tensor's shape and values, which outlive a change of backend. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Runs the same work on backends, which must be loaded, from the same seeded inputs. */
export function onBackends(backends: readonly string[], work: () => tf.Tensor): Values[] {
  return backends.map((backend) => {
    void tf.setBackend(backend);
    return tf.tidy(() => {
      const result = work();
      return { shape: result.shape, data: Float32Array.from(result.dataSync()) } as never;
    });
  });
}

/** The same on the two that are always here. */
export function onBothBackends(work: () => tf.Tensor): { wasm: Values; cpu: Values } {
  const [cpu, wasm] = onBackends(['cpu', 'wasm'], work);
  return { cpu: cpu as Values, wasm: wasm as Values };
}

/** Equal shapes, and values equal to 1e-5 of the largest (sums are ordered differently). */
export function expectClose(actual: Values, expected: Values, relative = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  let worst = 0;
  expected.data.forEach((value, index) => {
    worst = Math.max(worst, Math.abs(value - (actual.data[index] ?? NaN)) / scale);
  });
  expect(worst).toBeLessThan(relative);
}

/** The same result on both backends. */
export function expectSame(work: () => tf.Tensor, relative?: number): void {
  const { wasm, cpu } = onBothBackends(work);
  expectClose(wasm, cpu, relative);
}

/** Values in −1…1 of a seed, as a tensor on the present backend. */
export function randomTensor(shape: number[], seed: number): tf.Tensor {
  return tf.randomUniform(shape, -1, 1, 'float32', seed);
}
