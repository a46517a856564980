import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe as sentence } from '../../../../src/core/text/problem';
import { readModelRecipe } from '../../../../src/trainer/model/modelRecipe';
import { useCpu, valueOf } from './fixtures';

const wholeModels = path.resolve('test/fixtures/wholeModels');
let root: string;

beforeAll(useCpu);
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'batchwise-model-files-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function recipeOf(topology: string, weights?: 'random') {
  const context = { configFile: path.join(root, 'batchwise.json'), root, sampleShape: [4] };
  return readModelRecipe({ topology, weights }, context);
}

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f]/;

describe.each(['keras3.keras', 'keras3.h5'])('the whole model %s', (name) => {
  it('gives what Keras gives, whatever the seed', async () => {
    await copyFile(path.join(wholeModels, name), path.join(root, name));
    const text = await readFile(path.join(wholeModels, 'values.json'), 'utf8');
    const values = JSON.parse(text) as { input: number[][][][]; output: number[][] };
    const recipe = valueOf(await recipeOf(name));
    for (const seed of [1, 2]) {
      const model = valueOf(await recipe.build(seed));
      const output = model.predict(tensor(values.input)) as Tensor;
      const given = output.arraySync() as number[][];
      values.output.flat().forEach((expected, at) => {
        expect(given.flat()[at]).toBeCloseTo(expected, 5);
      });
      model.dispose();
    }
    expect(recipe.notes()).toEqual([{ id: 'modelWeightsLoaded', values: { path: name } }]);
    expect(recipe.compiled()).not.toBeNull();
  });
});

it('a whole model that was cut off is damaged, in words for people', async () => {
  const whole = await readFile(path.join(wholeModels, 'keras3.h5'));
  await writeFile(path.join(root, 'cut.h5'), whole.subarray(0, 3000));
  const recipe = await recipeOf('cut.h5');
  expect(recipe.ok ? '' : sentence(recipe.problem)).toMatch(
    /cut\.h5 cannot be read: it is damaged/,
  );
});

describe('weights beside a topology', () => {
  const stack = () =>
    sequential({
      layers: [
        layers.dense({ inputShape: [4], units: 3, name: 'frozen', trainable: false }),
        layers.dense({ units: 2, activation: 'softmax', name: 'out' }),
      ],
    });
  const topology = () => {
    const model = stack();
    return model.toJSON(null, false) as object;
  };
  const manifest = [
    {
      paths: ['shard.bin'],
      weights: [
        { name: 'frozen/kernel', shape: [4, 3], dtype: 'float32' },
        { name: 'frozen/bias', shape: [3], dtype: 'float32' },
        { name: 'out/kernel', shape: [3, 2], dtype: 'float32' },
        { name: 'out/bias', shape: [2], dtype: 'float32' },
      ],
    },
  ];
  const shard = Float32Array.from({ length: 23 }, (_, at) => at / 10);
  const write = async (folder: string, bytes: Uint8Array | null) => {
    await mkdir(path.join(root, folder));
    const content = { modelTopology: topology(), weightsManifest: manifest };
    await writeFile(path.join(root, folder, 'model.json'), JSON.stringify(content));
    if (bytes) await writeFile(path.join(root, folder, 'shard.bin'), bytes);
    return valueOf(await recipeOf(`${folder}/model.json`));
  };

  it('are loaded from the shards that the manifest names', async () => {
    const recipe = await write('shards', new Uint8Array(shard.buffer));
    const model = valueOf(await recipe.build(3));
    // Those that are trained come first.
    expect(Array.from(model.weights[0]?.read().dataSync() ?? [])[0]).toBeCloseTo(1.5);
    expect(recipe.notes()[0]?.id).toBe('modelWeightsLoaded');
  });

  it.each([
    ['missing', null],
    ['short', new Uint8Array(8)],
  ])('that are %s are told, and training starts from random ones', async (name, bytes) => {
    const recipe = await write(name, bytes);
    const model = valueOf(await recipe.build(3));
    expect(model.weights).toHaveLength(4);
    expect(recipe.notes()[0]?.id).toBe('modelWeightsNotLoaded');
  });

  it.skipIf(process.platform === 'win32')('are not read from outside the workspace', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'batchwise-elsewhere-'));
    await writeFile(path.join(elsewhere, 'shard.bin'), new Uint8Array(shard.buffer));
    await mkdir(path.join(root, 'linked'));
    await symlink(path.join(elsewhere, 'shard.bin'), path.join(root, 'linked', 'shard.bin'));
    const content = { modelTopology: topology(), weightsManifest: manifest };
    await writeFile(path.join(root, 'linked', 'model.json'), JSON.stringify(content));
    const recipe = valueOf(await recipeOf('linked/model.json'));
    await recipe.build(3);
    expect(recipe.notes()[0]?.id).toBe('modelWeightsNotLoaded');
    await rm(elsewhere, { recursive: true });
  });

  it('are left where the config wants random ones', async () => {
    await write('unwanted', new Uint8Array(shard.buffer));
    const recipe = valueOf(await recipeOf('unwanted/model.json', 'random'));
    const first = async (seed: number) =>
      valueOf(await recipe.build(seed))
        .weights[0]?.read()
        .dataSync()[0];
    expect(await first(3)).not.toBe(await first(4));
    expect(recipe.notes().map(({ id }) => id)).not.toContain('modelWeightsLoaded');
  });

  it('that were not saved are told where layers are frozen', async () => {
    await writeFile(path.join(root, 'bare.json'), JSON.stringify(topology()));
    const recipe = valueOf(await recipeOf('bare.json'));
    valueOf(await recipe.draft()).dispose();
    expect(recipe.notes()[0]?.id).toBe('modelWeightsRandom');
  });
});

describe('initial weights', () => {
  it('are the same for each build of a seed, and others for another', async () => {
    const model = {
      class_name: 'Sequential',
      config: {
        layers: [
          { class_name: 'LSTM', config: { units: 5, batch_input_shape: [null, 3, 2] } },
          { class_name: 'Dense', config: { units: 2 } },
        ],
      },
    };
    await writeFile(path.join(root, 'lstm.json'), JSON.stringify(model));
    const recipe = valueOf(await recipeOf('lstm.json'));
    const values = async (seed: number) =>
      valueOf(await recipe.build(seed)).weights.map((weight) =>
        Array.from(weight.read().dataSync()),
      );
    const first = await values(1);
    expect(await values(1)).toEqual(first);
    expect(await values(2)).not.toEqual(first);
    const draft = valueOf(await recipe.draft());
    expect(
      draft.weights.every((weight) =>
        weight
          .read()
          .dataSync()
          .every((v) => v === 0),
      ),
    ).toBe(true);
    expect(await values(1)).toEqual(first);
  });
});

describe('a file that is no layers model', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
  it.each([
    ['net.onnx', Buffer.from([8, 7]), 'modelIsOnnx'],
    ['net.pt', Buffer.from('PK\u0003\u0004'), 'modelIsPytorch'],
    ['net.safetensors', Buffer.from('{}'), 'modelIsPytorch'],
    ['frozen.pb', Buffer.from([10]), 'modelIsFrozenGraph'],
    ['train.py', Buffer.from('import keras'), 'modelIsPython'],
    ['model.mjs', Buffer.from('export {}'), 'modelIsModule'],
    ['picture', png, 'modelIsBinary'],
    ['broken.h5', Buffer.from([0x89, 0x48, 0x44, 0x46]), 'modelKerasUnreadable'],
    ['broken.keras', Buffer.from('PK\u0003\u0004'), 'modelKerasUnreadable'],
    ['colour.json', Buffer.from('\u001b[31mred'), 'modelIsBinary'],
    ['words.json', Buffer.from('not \u0085 JSON'), 'modelNotJson'],
  ])('%s is told for what it is', async (name, content, reason) => {
    await writeFile(path.join(root, name), content);
    const recipe = await recipeOf(name);
    expect(recipe.ok).toBe(false);
    if (recipe.ok) return;
    expect(recipe.problem.reason).toBe(reason);
    expect(sentence(recipe.problem)).not.toMatch(control);
  });

  it.skipIf(process.platform === 'win32')('nor is a pipe, which is not waited for', async () => {
    spawnSync('mkfifo', [path.join(root, 'pipe.json')]);
    const recipe = await recipeOf('pipe.json');
    expect(recipe.ok ? '' : sentence(recipe.problem)).toMatch(/it is a pipe or a device/);
  });

  it.each([
    ['saved', 'saved_model.pb', 'modelIsSavedModel'],
    ['holder', 'model.json', 'modelIsFolderWith'],
    ['other', 'notes.txt', 'modelIsFolder'],
  ])('nor is a folder: %s', async (folder, file, reason) => {
    await mkdir(path.join(root, folder));
    await writeFile(path.join(root, folder, file), '');
    const recipe = await recipeOf(folder);
    expect(!recipe.ok && recipe.problem.reason).toBe(reason);
  });

  it.each([
    ['Lambda', {}, 'modelLayerLambda'],
    ['Custom>Clusters', {}, 'modelLayerOwn'],
    ['Clusters', { output_dim: 3 }, 'modelLayerOwn'],
    ['TextVectorization', {}, 'modelLayerText'],
    ['Dense', { output_dim: 3 }, 'modelIsKeras1'],
    ['AtrousConvolution2D', { nb_filter: 3 }, 'modelIsKeras1'],
  ])('a layer %s is told with the way on', async (className, config, reason) => {
    const model = {
      class_name: 'Sequential',
      config: { layers: [{ class_name: className, config }] },
    };
    const name = `${reason}.json`;
    await writeFile(path.join(root, name), JSON.stringify(model));
    const recipe = await recipeOf(name);
    expect(!recipe.ok && recipe.problem.reason).toBe(reason);
  });
});
