import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { load, pairs, refusal } from './workspace';
import { csv } from './writers';

const classes = { loss: 'categoricalCrossentropy' } as const;
const data = { train: 'train.csv', label: 'kind' };

/** A table of two columns, one of them constant, and two classes. */
const table = csv([
  ['x', 'same', 'kind'],
  ...Array.from({ length: 40 }, (_, row) => [row * row, 7, row % 4 === 0 ? 'rare' : 'common']),
]);

function column(values: Float32Array, width: number, at: number): number[] {
  return [...values].filter((_, index) => index % width === at);
}

describe('normalizing', () => {
  it('standardizes with the training samples alone; a constant column becomes 0', async () => {
    const { train, validation } = await load({ 'train.csv': table }, data, classes);
    const x = column(train.features, 2, 0);
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(variance).toBeCloseTo(1, 5);
    expect(
      new Set([...column(train.features, 2, 1), ...column(validation.features, 2, 1)]),
    ).toEqual(new Set([0]));
    // Scaled as the training samples were: undoing that gives squares of whole numbers again.
    const raw = await load({ 'train.csv': table }, { ...data, normalize: false }, classes);
    const rawTrain = column(raw.train.features, 2, 0);
    const rawMean = rawTrain.reduce((sum, value) => sum + value, 0) / rawTrain.length;
    const deviation = Math.sqrt(
      rawTrain.reduce((sum, value) => sum + (value - rawMean) ** 2, 0) / rawTrain.length,
    );
    column(validation.features, 2, 0).forEach((value, index) => {
      expect(value * deviation + rawMean).toBeCloseTo(raw.validation.features[index * 2] ?? NaN, 2);
    });
  });
});

describe('validation', () => {
  it('keeps the share of each class', async () => {
    const { train, validation } = await load({ 'train.csv': table }, data, classes);
    const rare = (labels: Float32Array) => labels.filter((label) => label === 1).length;
    expect([train.count, validation.count]).toEqual([32, 8]);
    expect([rare(train.labels), rare(validation.labels)]).toEqual([8, 2]);
  });

  it('follows the seed', async () => {
    const seeded = (seed: number) => load({ 'train.csv': table }, data, { ...classes, seed });
    expect(await seeded(1)).toEqual(await seeded(1));
    expect((await seeded(1)).validation).not.toEqual((await seeded(2)).validation);
  });

  const files = {
    'train.csv': csv([
      ['x', 'y', 'kind'],
      [1, 2, 'b'],
      [3, 4, 'a'],
    ]),
    'test.csv': csv([
      ['kind', 'more', 'y', 'x'],
      ['a', 9, 40, 30],
    ]),
  };

  it('may be a file: same columns, same classes, every training sample kept', async () => {
    const own = { ...data, validation: 'test.csv', normalize: false };
    const dataset = await load(files, own, classes);
    expect(dataset.train.count).toBe(2);
    expect([...dataset.validation.features, ...dataset.validation.labels]).toEqual([30, 40, 0]);
    expect(pairs(dataset)).toHaveLength(3);
  });

  it.each([
    [
      'kind,y,x\nc,1,2\n',
      /#data\/validation .*Sample 1 of the validation data is labelled "c".*It has "a", "b"/,
    ],
    ['kind,y\na,1\n', /no column "x" to train on/],
    ['kind,y,x\n', /holds no samples/],
    ['kind,y,x\n,1,2\n', /No sample is left of test.csv/],
  ])('%j does not fit', async (text, expected) => {
    const wrong = { ...files, 'test.csv': text };
    expect(await refusal(wrong, { ...data, validation: 'test.csv' }, classes)).toMatch(expected);
  });

  it('needs two samples to split', async () => {
    const one = { 'train.csv': 'x,kind\n1,5\n' };
    expect(await refusal(one, data, { loss: 'meanSquaredError' })).toMatch(
      /#data\/train .*holds too few samples \(1\): at least 2/,
    );
  });
});

describe('without a loss', () => {
  it.each([
    ['few whole numbers are classes', (row: number) => row % 3, 3],
    ['fractions are numbers', (row: number) => row / 3, null],
    ['many whole numbers are numbers', (row: number) => row * 7, null],
    ['texts are classes', (row: number) => (row % 2 ? 'yes' : 'no'), 2],
  ])('%s', async (_, label, expected) => {
    const rows = Array.from({ length: 60 }, (_, row) => [row, label(row)]);
    const dataset = await load({ 'train.csv': csv([['x', 'kind'], ...rows]) }, data);
    expect(dataset.classes?.length ?? null).toBe(expected);
  });
});

describe('what is read', () => {
  it('is hashed as it lies on disk', async () => {
    const { contentHash } = await load({ 'train.csv': table }, data, classes);
    expect(contentHash).toBe(createHash('sha256').update(table).digest('hex'));
    const changed = await load({ 'train.csv': table.replace('1521', '1522') }, data, classes);
    expect(changed.contentHash).not.toBe(contentHash);
  });

  it('must be of a known format, and there', async () => {
    expect(await refusal({ 'train.feather': 'ARROW1' }, { train: 'train.feather' })).toMatch(
      /train.feather cannot be read as Arrow/,
    );
    expect(await refusal({ 'train.csv': table }, { train: 'trian.csv' })).toMatch(
      /#data\/train .*does not exist. Did you mean train.csv/,
    );
  });
});
