import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { configSchema } from '../../../../src/config/schema';
import type { LossName } from '../../../../src/core/model/losses';
import { describe as sentence } from '../../../../src/core/text/problem';
import type { Dataset } from '../../../../src/trainer/data/dataset';
import { loadDataset } from '../../../../src/trainer/data/loadDataset';

const made: string[] = [];

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder on disk with these files; removed when the tests of the file are over. */
export async function workspace(files: Files): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'batchwise-data-')));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

export interface Options {
  readonly loss?: LossName;
  readonly seed?: number;
  readonly tf?: unknown;
  readonly inputShape?: readonly number[];
}

/** Loads a config's data from files written for it. */
export async function tryLoad(files: Files, data: object, options: Options = {}) {
  const folder = await workspace(files);
  const { loss, seed = 42, tf = null, inputShape = null } = options;
  const config = configSchema.parse({
    model: { topology: 'model.json' },
    data,
    training: loss ? { loss } : {},
  });
  const configFile = path.join(folder, 'batchwise.json');
  return loadDataset(config, { configFile, root: folder, seed, tf, inputShape });
}

export async function load(files: Files, data: object, options: Options = {}): Promise<Dataset> {
  const result = await tryLoad(files, data, options);
  if (!result.ok) throw new Error(sentence(result.problem));
  return result.value;
}

/** The sentence of the problem that loading ends with, its place before it. */
export async function refusal(files: Files, data: object, options: Options = {}): Promise<string> {
  const result = await tryLoad(files, data, options);
  expect(result.ok).toBe(false);
  if (result.ok) return '';
  const { place } = result.problem;
  expect(place).not.toBeNull();
  const pointer = place?.pointer ? `#${place.pointer.join('/')}` : '';
  return `${pointer} ${sentence(result.problem)}`;
}

/** Every sample of a data set, features beside labels, in no particular order. */
export function pairs({ train, validation, sampleShape, labelShape }: Dataset): string[] {
  const size = sampleShape.reduce((total, each) => total * each, 1);
  const width = labelShape.reduce((total, each) => total * each, 1);
  return [train, validation]
    .flatMap(({ count, features, labels }) =>
      Array.from({ length: count }, (_, sample) =>
        [
          ...features.subarray(sample * size, (sample + 1) * size),
          ...labels.subarray(sample * width, (sample + 1) * width),
        ].join(),
      ),
    )
    .sort();
}
