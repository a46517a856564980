import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModelRecipe } from '../../../../src/trainer/model/modelRecipe';
import { allLayers } from '../../../../src/trainer/model/modelShapes';
import { reasonOf, useCpu, valueOf, weightsOf } from './fixtures';

let root = '';

beforeAll(async () => {
  await useCpu();
  root = await mkdtemp(path.join(tmpdir(), 'batchwise-model-'));
});
afterAll(() => rm(root, { recursive: true }));

async function recipeOf(name: string, source: string) {
  await writeFile(path.join(root, name), source);
  const context = { configFile: path.join(root, 'batchwise.json'), root, sampleShape: [4] };
  return readModelRecipe({ module: name }, context);
}

const layers = `[tf.layers.dense({ units: 3, inputShape: [4], kernelInitializer:
  tf.initializers.heNormal({ seed: 0 }) }), tf.layers.dropout({ rate: 0.5, seed: 3 })]`;

describe('createModel(tf)', () => {
  test.each([
    ['a.mjs', `export const createModel = (tf) => tf.sequential({ layers: ${layers} });`],
    ['b.mjs', `export default { createModel: (tf) => tf.sequential({ layers: ${layers} }) };`],
    ['c.cjs', `exports.createModel = (tf) => tf.sequential({ layers: ${layers} });`],
    [
      'd.mjs',
      `export async function createModel(tf) {
        await new Promise((resolve) => setImmediate(resolve));
        return tf.sequential({ layers: ${layers} });
      }`,
    ],
    [
      'e.ts',
      `import { units } from './units';
      interface Made { sequential(options: object): unknown }
      export function createModel(tf: any): Made { const size: number = units; void size;
        return tf.sequential({ layers: ${layers} }); }`,
    ],
  ])('of %s gives equal weights for equal seeds', async (name, source) => {
    await writeFile(path.join(root, 'units.ts'), 'export const units = 3 as const;');
    const recipe = valueOf(await recipeOf(name, source));
    const random = Math.random;
    const build = async (seed: number) => valueOf(await recipe.build(seed));
    const first = await build(1);
    expect(weightsOf(await build(1))).toEqual(weightsOf(first));
    expect(weightsOf(await build(2))).not.toEqual(weightsOf(first));
    expect(Math.random).toBe(random);
    const dropout = allLayers(first).find((layer) => layer.getClassName() === 'Dropout');
    expect(dropout).toMatchObject({ seed: undefined });
    expect(recipe.compiled()).toBeNull();
  });

  test('tells how it was compiled, and may chain tensors', async () => {
    const recipe = valueOf(
      await recipeOf(
        'compiled.mjs',
        `export function createModel(tf) {
          const model = tf.sequential({ layers: ${layers} });
          tf.tensor1d([1, 2]).add(1).sum().dataSync();
          model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0.3) });
          return model;
        }`,
      ),
    );
    await recipe.build(1);
    expect(recipe.compiled()).toMatchObject({
      loss: 'meanSquaredError',
      optimizer: { class_name: 'SGD', config: { learning_rate: 0.3 } },
    });
  });

  test.each([
    ['moduleLoadFailed', 'broken.mjs', 'export const createModel = ;'],
    ['moduleLoadFailed', 'throws.mjs', 'throw new Error("no such thing");'],
    ['moduleLoadFailed', 'broken.ts', 'export const createModel = (: number;'],
    ['moduleNoExport', 'other.mjs', 'export const build = () => 1;'],
    ['moduleNoExport', 'number.mjs', 'export const createModel = 1;'],
    ['modelIsPython', 'model.py', 'def createModel(tf): pass'],
  ])('%s: %s', async (reason, name, source) => {
    const result = await recipeOf(name, source);
    expect(result).toMatchObject({ ok: false, problem: { reason } });
    if (!result.ok) expect(result.problem.place?.pointer).toEqual(['model', 'module']);
  });

  test.each([
    ['moduleCreateModelFailed', 'throw new Error("out of ideas")'],
    [
      'moduleCreateModelFailed',
      'return tf.sequential({ layers: [tf.layers.dense({ units: 1 })] })',
    ],
    ['moduleNotModel', 'return { layers: [] }'],
    ['moduleNotModel', 'return undefined'],
    ['modelNotBuilt', 'return tf.sequential()'],
  ])('%s: %s', async (reason, body) => {
    const name = `bad${String(body.length)}.mjs`;
    const recipe = await recipeOf(name, `export function createModel(tf) { ${body}; }`);
    expect(reasonOf(await valueOf(recipe).build(1))).toBe(reason);
  });

  test('a module outside the root, or none, is refused', async () => {
    const context = { configFile: path.join(root, 'batchwise.json'), root, sampleShape: [4] };
    for (const [module, reason] of [
      ['../elsewhere.mjs', 'configPathOutside'],
      ['nothing-near.mjs', 'modelNotFound'],
    ] as const)
      expect(reasonOf(await readModelRecipe({ module }, context))).toBe(reason);
  });
});
