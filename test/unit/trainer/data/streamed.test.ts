import { encode } from 'fast-png';
import { appendFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema';
import { describe as sentence } from '../../../../src/core/text/problem';
import { loadDataset } from '../../../../src/trainer/data/loadDataset';
import { loadStreamed } from '../../../../src/trainer/data/records/loadStreamed';
import { inMemory } from '../../../../src/trainer/data/samples';
import { workspace, type Files, type Options } from './workspace';
import { csv, idx, npy, npz } from './writers';

async function contextOf(files: Files, data: object, { loss, seed = 42 }: Options = {}) {
  const root = await workspace(files);
  const config = configSchema.parse({
    model: { topology: 'model.json' },
    data,
    training: loss ? { loss } : {},
  });
  const folder = path.join(root, '.cache');
  const context = { configFile: path.join(root, 'batchwise.json'), root, seed, tf: null, folder };
  return { config, context };
}

/** Both ways of loading, with every sample of the streamed one read into memory. */
async function bothWays(files: Files, data: object, options: Options = {}) {
  const { config, context } = await contextOf(files, data, options);
  const held = await loadDataset(config, context);
  const streamed = await loadStreamed(config, context);
  if (!held.ok) throw new Error(sentence(held.problem));
  if (!streamed.ok) throw new Error(sentence(streamed.problem));
  const { train, validation } = streamed.value;
  return {
    held: held.value,
    streamed: { ...streamed.value, train: inMemory(train), validation: inMemory(validation) },
  };
}

/** The sentence that loading on disk ends with; the same as in memory. */
async function refusal(files: Files, data: object, options: Options = {}): Promise<string> {
  const { config, context } = await contextOf(files, data, options);
  const held = await loadDataset(config, context);
  const streamed = await loadStreamed(config, context);
  if (held.ok || streamed.ok) throw new Error('It was not refused.');
  expect(sentence(streamed.problem)).toBe(sentence(held.problem));
  return sentence(streamed.problem);
}

const rowsOf = (count: number, label: (index: number) => string | number) => [
  ['a', 'b', 'kind'],
  ...Array.from({ length: count }, (_, index) => [
    Math.sin(index).toFixed(5),
    (index * 1.7 - 40).toFixed(3),
    label(index),
  ]),
];
const waves = (count: number) => Array.from({ length: count }, (_, index) => Math.sin(index * 1.3));
const bytes = (count: number) => Array.from({ length: count }, (_, index) => (index * 37) % 256);
const kinds = (count: number) => Uint8Array.from({ length: count }, (_, index) => index % 3);
const png = (level: number, channels: number) => {
  const data = Uint8Array.from({ length: 6 * channels }, (_, at) => (level + at * 11) % 256);
  return encode({ width: 3, height: 2, channels, depth: 8, data });
};
const f4 = (shape: number[]) =>
  npy('<f4', shape, Float32Array.from(waves(shape.reduce((all, size) => all * size, 1))));

describe('data that stays on disk is what it would be in memory', () => {
  const cases: Record<string, [Files, object, Options?]> = {
    'CSV with classes': [
      { 'data.csv': csv(rowsOf(90, (index) => ['x', 'y', 'z'][index % 3] ?? '')) },
      { train: 'data.csv', label: 'kind' },
    ],
    'CSV with numbers, not normalized': [
      { 'data.csv': csv(rowsOf(50, (index) => Math.cos(index).toFixed(6))) },
      { train: 'data.csv', label: 'kind', normalize: false },
      { loss: 'meanSquaredError' },
    ],
    'CSV with numbers of an unknown loss': [
      { 'data.csv': csv(rowsOf(50, (index) => Math.cos(index).toFixed(6))) },
      { train: 'data.csv', label: 'kind' },
    ],
    'CSV, packed, with a validation file': [
      {
        'data.csv.gz': gzipSync(csv(rowsOf(60, (index) => 7 + (index % 2)))),
        'check.csv': csv(rowsOf(20, (index) => 8 - (index % 2))),
      },
      { train: 'data.csv.gz', label: 'kind', validation: 'check.csv' },
    ],
    'JSON lines with nested features': [
      {
        'data.jsonl': waves(40)
          .map((value, index) =>
            JSON.stringify({
              x: [
                [value, index],
                [2 * value, 0.1],
              ],
              y: index % 2 ? 'on' : 'off',
            }),
          )
          .join('\n'),
      },
      { train: 'data.jsonl', label: 'y' },
    ],
    'JSON lines with several numbers as labels': [
      {
        'data.jsonl': waves(40)
          .map((value, index) => JSON.stringify({ x: value, y: [value / 3, index] }))
          .join('\n'),
      },
      { train: 'data.jsonl', label: 'y' },
    ],
    'IDX images': [
      { images: idx(8, [30, 4, 5], bytes(600)), labels: idx(8, [30], [...kinds(30)]) },
      { train: 'images', labels: 'labels' },
    ],
    'IDX of big-endian integers, packed': [
      {
        'x.gz': gzipSync(
          idx(
            12,
            [30, 3],
            bytes(90).map((value) => value * 1e5),
          ),
        ),
        'y.gz': gzipSync(idx(12, [30], [...kinds(30)])),
      },
      { train: 'x.gz', labels: 'y.gz' },
    ],
    'NPY of float32': [
      { 'x.npy': f4([30, 6, 2]), 'y.npy': npy('<i8', [30], BigInt64Array.from(kinds(30), BigInt)) },
      { train: 'x.npy', labels: 'y.npy' },
    ],
    'NPY of float64, with one-hot labels': [
      {
        'x.npy': npy('<f8', [30, 4], Float64Array.from(waves(120))),
        'y.npy': npy(
          '|u1',
          [30, 2],
          Uint8Array.from({ length: 60 }, (_, at) => Number(((at >> 1) + at) % 2 === 0)),
        ),
      },
      { train: 'x.npy', labels: 'y.npy' },
    ],
    'NPY of bytes, a scale only, and text labels': [
      {
        'x.npy': npy('|u1', [30, 4], Uint8Array.from(bytes(120))),
        'y.npy': npy(
          '<U1',
          [30],
          Uint8Array.from({ length: 120 }, (_, at) => (at % 4 ? 0 : 97 + ((at / 4) % 2))),
        ),
      },
      { train: 'x.npy', labels: 'y.npy' },
    ],
    'NPY in Fortran order': [
      {
        'x.npy': npy('<f4', [30, 4], Float32Array.from(waves(120)), true),
        'y.npy': npy('|u1', [30], kinds(30)),
      },
      { train: 'x.npy', labels: 'y.npy' },
    ],
    NPZ: [
      { 'all.npz': npz({ x: f4([30, 4]), y: npy('|u1', [30], kinds(30)) }) },
      { train: 'all.npz', label: 'y' },
    ],
    'images, gray ones before coloured ones': [
      Object.fromEntries(
        bytes(24).map((level, index) => [
          `photos/${index < 12 ? 'cat' : 'dog'}/${String(index).padStart(2, '0')}.png`,
          png(level, index === 9 || index === 14 ? 3 : 1),
        ]),
      ),
      { train: 'photos' },
    ],
  };
  for (const [name, [files, data, options]] of Object.entries(cases)) {
    it(`of ${name}`, async () => {
      const { held, streamed } = await bothWays(files, data, options);
      expect(streamed).toEqual(held);
    });
  }

  it('when a later process takes it up', async () => {
    const files = { 'data.csv': csv(rowsOf(40, (index) => index % 2)) };
    const { config, context } = await contextOf(files, { train: 'data.csv', label: 'kind' });
    const first = await loadStreamed(config, context);
    const written = await readdir(context.folder);
    const second = await loadStreamed(config, context);
    expect(second).toEqual(first);
    expect(await readdir(context.folder)).toEqual(written);
    const other = await loadStreamed(config, { ...context, seed: 7 });
    expect(other.ok && first.ok && other.value.train.rows).not.toEqual(
      first.ok && first.value.train.rows,
    );
  });
});

describe('faults of data that stays on disk', () => {
  it('have the line of a broken row in the middle', async () => {
    const rows = rowsOf(3000, (index) => index % 2);
    rows[2001] = ['1', 'oops', 1];
    const told = await refusal(
      { 'data.csv': csv(rows) },
      { train: 'data.csv', label: 'kind', features: ['a', 'b'], missing: 'error' },
    );
    expect(told).toMatch(/data\.csv:2002:1: Row 2001 .*"oops".*"b"/);
  });

  it('are the same for labels and values that do not fit', async () => {
    const values = Float32Array.from(waves(120));
    values[77] = NaN;
    const y = npy('|u1', [30], kinds(30));
    expect(
      await refusal(
        { 'x.npy': npy('<f4', [30, 4], values), 'y.npy': y },
        { train: 'x.npy', labels: 'y.npy' },
      ),
    ).toMatch(/Sample 20 has NaN at \[1\]/);
    expect(
      await refusal({ 'x.npy': f4([29, 4]), 'y.npy': y }, { train: 'x.npy', labels: 'y.npy' }),
    ).toMatch(/30 labels for 29 samples/);
    expect(
      await refusal(
        { 'x.npy': f4([30, 4]).subarray(0, 500), 'y.npy': y },
        { train: 'x.npy', labels: 'y.npy' },
      ),
    ).toMatch(/cut off/);
    await refusal({ 'x.npy': f4([30, 4]) }, { train: 'x.npy' });
    await refusal(
      { 'data.csv': csv(rowsOf(20, () => 'same')) },
      { train: 'data.csv', label: 'kind' },
    );
    await refusal(
      { 'data.csv': csv(rowsOf(20, (index) => (index === 9 ? 'text' : 0.5))) },
      { train: 'data.csv', label: 'kind' },
      { loss: 'meanSquaredError' },
    );
    await refusal(
      {
        'data.csv': csv(rowsOf(20, (index) => index % 2)),
        'check.csv': csv(rowsOf(20, (index) => index % 3)),
      },
      { train: 'data.csv', label: 'kind', validation: 'check.csv' },
      { loss: 'categoricalCrossentropy' },
    );
    await refusal(
      {
        'x.gz': gzipSync(idx(8, [30, 4], bytes(120))).subarray(0, 60),
        y: idx(8, [30], [...kinds(30)]),
      },
      { train: 'x.gz', labels: 'y' },
    );
  });

  it('are told when a file has changed since', async () => {
    const files = { images: idx(8, [30, 4, 5], bytes(600)), labels: idx(8, [30], [...kinds(30)]) };
    const { config, context } = await contextOf(files, { train: 'images', labels: 'labels' });
    const first = await loadStreamed(config, context);
    if (!first.ok) throw new Error(sentence(first.problem));
    await appendFile(path.join(context.root, 'images'), 'more');
    expect(() => inMemory(first.value.train)).toThrow(/images changed/);
    const again = await loadStreamed(config, context);
    expect(again.ok ? '' : sentence(again.problem)).toMatch(/images changed/);
  });
});
