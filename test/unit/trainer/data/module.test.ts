import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { load, pairs, refusal } from './workspace';

const regression = { loss: 'meanSquaredError' } as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a data module', () => {
  it('gives tensors, which are disposed', async () => {
    const before = tf.memory().numTensors;
    const source = `export async function load(tf) {
      return { features: tf.tensor2d([[1, 2], [3, 4]]), labels: tf.tensor1d([5, 6]) };
    }`;
    const dataset = await load(
      { 'data.mjs': source },
      { train: 'data.mjs' },
      { ...regression, tf },
    );
    expect(pairs(dataset)).toEqual(['1,2,5', '3,4,6']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['data.cjs', 'exports.load = () => ({ x: [[1], [2]], y: [5, 6] });'],
    [
      'data.mjs',
      'export const load = () => ({ x: new Float32Array([1, 2]), y: Int8Array.of(5, 6) });',
    ],
    [
      'data.mjs',
      'export default { load: () => ({ xs: [[1], Float32Array.of(2)], ys: [[5], [6]] }) };',
    ],
    [
      'data.ts',
      'interface X { x: number[] }\nexport function load(): X & { y: number[] } { return { x: [1, 2], y: [5, 6] }; }',
    ],
    ['data.mts', 'export const load = (tf: unknown) => ({ x: [1, 2] as number[], y: [5, 6] });'],
  ])('%s: %s', async (name, source) => {
    const dataset = await load({ [name]: source }, { train: name }, regression);
    expect(pairs(dataset)).toEqual(['1,5', '2,6']);
  });

  it('may bring validation data and texts as labels, and is not normalized', async () => {
    const source = `export const load = () => ({
      features: [[10], [20], [30]], labels: ['b', 'a', 'b'],
      validation: { features: [[40]], labels: ['a'] },
    });`;
    const dataset = await load({ 'data.mjs': source }, { train: 'data.mjs' });
    expect(dataset.classes).toEqual(['a', 'b']);
    expect([...dataset.train.features]).toEqual([10, 20, 30]);
    expect([...dataset.train.labels]).toEqual([1, 0, 1]);
    expect([...dataset.validation.features, ...dataset.validation.labels]).toEqual([40, 0]);
  });

  it.each([
    ['export const laod = 1;', /exports no function load. It exports laod/],
    [
      'export const load = () => { throw new Error("no disk"); };',
      /load\(tf\) in data.mjs failed: no disk/,
    ],
    [
      'export const load = () => ({ a: 1, labels: [1] });',
      /returned { a, labels }. Return { "features"/,
    ],
    ['export const load = () => null;', /returned null/],
    [
      'export const load = () => ({ x: [[1], [2, 3]], y: [1, 2] });',
      /"features" .*is not an array of numbers: its rows differ/,
    ],
    ['export const load = () => ({ x: "text", y: [1, 2] });', /"features" .*its type is string/],
    ['export const load = () => ({ x: [1, 2, 3], y: [1, 2] });', /2 labels for 3 samples/],
    ['export const load = () => ({ x: [1, NaN], y: [1, 2] });', /Sample 2 has NaN/],
    ['export const load = () => ({ x: [], y: [] });', /holds no samples/],
    [
      'export const load = () => ({ x: [1, 2], y: [1, 2], validation: { x: [[1, 2]], y: [1] } });',
      /shape \[2\], but those in the training data have \[1\]/,
    ],
    [
      'import "./gone.mjs"; export const load = 1;',
      /The module data.mjs cannot be loaded: .*gone.mjs/,
    ],
    ['export const load = (', /The module data.mjs cannot be loaded/],
  ])('%s is refused', async (source, expected) => {
    expect(await refusal({ 'data.mjs': source }, { train: 'data.mjs' }, regression)).toMatch(
      expected,
    );
  });
});
