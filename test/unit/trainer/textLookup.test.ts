import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema';
import { describe as sentence } from '../../../src/core/text/problem';
import { loadConfig } from '../../../src/trainer/loadConfig';
import { isStreamed } from '../../../src/trainer/data/records/streamedDataset';
import { inMemory } from '../../../src/trainer/data/samples';
import { loadCpu } from './backends';
import { workspace } from './data/workspace';

/* Models that begin with texts, as Keras on TensorFlow saved them (makeTexts.py). */
const folder = path.resolve('test/fixtures/wholeModels');
const made = JSON.parse(readFileSync(path.join(folder, 'texts.json'), 'utf8')) as {
  readonly texts: string[];
  readonly textNumbers: number[][];
  readonly colours: string[];
  readonly colourNumbers: number[];
};

beforeAll(async () => {
  await loadCpu();
});

async function load(model: string, csv: string, mayHold: boolean) {
  const root = await workspace({
    [model]: readFileSync(path.join(folder, model)),
    'd.csv': csv,
  });
  const config = configSchema.parse({
    model: { topology: model },
    data: { train: 'd.csv', label: 'kind', validation: 0.5 },
    training: { loss: 'sparseCategoricalCrossentropy' },
  });
  const configFile = path.join(root, 'batchwise.json');
  const input = { config, configFile, root, backend: 'cpu', seed: 1 } as const;
  const bytes = mayHold ? 2 ** 30 : 0;
  const nowhere = { memoryMargin: null, workspace: null, dataFolder: null };
  return loadConfig(
    { ...input, ...nowhere },
    {
      room: { limitBytes: bytes, copiesInProcess: 1, processBytes: bytes },
      folder: () => path.join(root, '.rows'),
      onReading: () => undefined,
    },
  );
}

const table = (texts: readonly string[]) =>
  ['words,kind', ...texts.map((text, index) => `"${text}",${'ab'[index % 2] ?? ''}`)].join('\n');

describe.each([
  ['texts.keras', made.texts, made.textNumbers.map(String)],
  ['colours.keras', made.colours, made.colourNumbers.map(String)],
] as const)('the texts of %s', (model, texts, numbers) => {
  it.each([true, false])('become the numbers that its first layer gives them', async (mayHold) => {
    const loaded = await load(model, table(texts), mayHold);
    if (!loaded.ok) throw new Error(sentence(loaded.problem));
    const { dataset } = loaded.value;
    const sides = isStreamed(dataset)
      ? [inMemory(dataset.train), inMemory(dataset.validation)]
      : [dataset.train, dataset.validation];
    const [width = 1] = dataset.sampleShape;
    const rows = sides.flatMap(({ count, features }) =>
      Array.from({ length: count }, (_, row) =>
        String(Array.from(features.subarray(row * width, (row + 1) * width))),
      ),
    );
    expect(rows.sort()).toEqual([...numbers].sort());
    expect(loaded.value.layers).toContain('Embedding');
    expect(loaded.value.notes.map(({ id }) => id)).toContain('modelWeightsLoaded');
    expect(dataset.reading?.notes.map(({ id }) => id)).toContain('dataNoteLookedUp');
  });
});

it('numbers for a model that begins with texts are refused with the layer', async () => {
  const loaded = await load('texts.keras', 'a,kind\n1,a\n2,b\n4,a\n3,b\n', true);
  expect(loaded).toMatchObject({ ok: false, problem: { reason: 'modelLayerText' } });
});
