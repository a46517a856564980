import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { load, pairs, refusal } from './workspace';
import { csv } from './writers';

const raw = { train: 'train.csv', label: 'kind', normalize: false };
const classes = { loss: 'categoricalCrossentropy' } as const;
const numbers = { loss: 'meanSquaredError' } as const;

describe('a table', () => {
  it('gives every other numeric column, and texts as sorted classes', async () => {
    const text = csv([
      ['id', 'x', 'kind', 'y'],
      ['a', 1, 'pear', 0.5],
      ['b', 2, 'apple', -1e3],
      ['c', 3, 'pear', 7],
    ]);
    const dataset = await load({ 'train.csv': text }, raw, classes);
    expect(dataset.classes).toEqual(['apple', 'pear']);
    expect(dataset.sampleShape).toEqual([2]);
    expect(pairs(dataset)).toEqual(['1,0.5,1', '2,-1000,0', '3,7,1'].sort());
  });

  it('reads back what was written: quotes, line ends, byte order mark, gzip', async () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && text !== '');
    const row = fc.tuple(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1000, max: 1000 }),
      fc.constantFrom('a "quoted" one', 'with, comma', 'two\nlines', 'plain', '日本'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 2, maxLength: 30 }),
        fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, [one = '', two = ''], end, packed) => {
          fc.pre(new Set(rows.map(([, , kind]) => kind)).size > 1);
          fc.pre(![one, two].includes('the kind') && /[^\d.+\-e]/i.test(one));
          const text = `\uFEFF${csv([[one, two, 'the kind'], ...rows], end)}`;
          const dataset = await load(
            { 'train.csv': packed ? gzipSync(text) : text },
            { train: 'train.csv', label: 'the kind', normalize: false },
            classes,
          );
          const expected = rows.map(([x, y, kind]) =>
            [Math.fround(x), y, dataset.classes?.indexOf(kind)].join(),
          );
          expect(pairs(dataset)).toEqual(expected.sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads tabs, and takes numbers as they are for a regression loss', async () => {
    const dataset = await load(
      { 'train.tsv': 'x\tkind\n1\t0\n2\t1\n3\t2\n' },
      { ...raw, train: 'train.tsv' },
      numbers,
    );
    expect(dataset.classes).toBeNull();
    expect(pairs(dataset)).toEqual(['1,0', '2,1', '3,2']);
  });

  it.each([
    ['count from 0', ['0', '2', '1'], ['0', '1', '2'], ['0', '1', '2']],
    ['leave one out', ['0', '3', '1'], ['0', '1', '2', '3'], ['0', '1', '3']],
    ['count from 1', ['3', '1', '2'], ['1', '2', '3'], ['0', '1', '2']],
    ['are signs', ['-1', '1', '-1'], ['-1', '1'], ['0', '0', '1']],
  ])('makes classes of whole numbers that %s', async (_, labels, names, indices) => {
    const text = csv([['x', 'kind'], ...labels.map((label) => [5, label])]);
    const dataset = await load({ 'train.csv': text }, raw, classes);
    expect(dataset.classes).toEqual(names);
    expect(pairs(dataset)).toEqual(indices.map((index) => `5,${index}`));
  });

  it('uses the columns that are asked for, in their order', async () => {
    const text = csv([
      ['a', 'b', 'c', 'kind'],
      [1, 2, 3, 'p'],
      [4, 5, 6, 'q'],
    ]);
    const dataset = await load({ 'train.csv': text }, { ...raw, features: ['c', 'a'] }, classes);
    expect(pairs(dataset)).toEqual(['3,1,0', '6,4,1']);
  });
});

describe('faults of a table are told with their place', () => {
  const strict = { ...raw, missing: 'error' };
  const five = '1,a\n2,b\n3,a\n4,b\n5,a\n';

  it.each([
    [`x,kind\n${five},b\n`, /train.csv:7:1: Row 6 has no value in "x"/],
    [`x,kind\n${five}NaN,b\n`, /train.csv:7:1: Row 6 has no value in "x"/],
    [`x,kind\n1,"two\nlines"\n${five}ten,b\n`, /train.csv:9:1: Row 7 has "ten" in "x"/],
    [`x,kind\n${five}"t\nn",b\n`, /train.csv:7:1: Row 6 has "t\nn" in "x"/],
    [`x,kind\n${five}1e99,b\n`, /train.csv:7:1: Row 6 has "1e99" in "x"/],
    [`x,kind\n${five}Infinity,b\n`, /Row 6 has "Infinity"/],
    [`x,kind\n${five}2,\n`, /train.csv:7:1: Row 6 has no label in "kind"/],
  ])('%j, where nothing may be missing', async (text, expected) => {
    expect(await refusal({ 'train.csv': text }, strict, classes)).toMatch(expected);
  });

  it.each([
    ['x,kind\n1,a\n2,b,c\n', /train.csv:3:1: Row 2 has 3 values, but the first line has 2/],
    ['x,kind\n1,a\n2,"b\n', /train.csv:3:1: Row 2 is not valid CSV/],
    ['x,kind\n1,a\n2,a\n', /#data\/label .*Every sample has the label "a"/],
    ['x,kind\n', /train.csv: The data file train.csv holds no samples/],
    ['', /holds no samples/],
    ['1,2\n3,4\n', /train.csv:1:1: The first line .* is data.* no column "kind".*"0" to "1"/],
    ['x,x,kind\n1,2,a\n', /names the column "x" twice/],
    ['x,kinds\n1,a\n', /#data\/label .*no column "kind" .*Did you mean "kinds"/],
    ['x,species\n1,a\n', /no column "kind" to take labels from. Available: "x", "species"/],
    ['name,kind\nu,a\nv,b\nw,a\n', /no column beside the label that holds numbers/],
    ['x,kind\n1,a\n', /Every sample/],
  ])('%j', async (text, expected) => {
    expect(await refusal({ 'train.csv': text }, raw, classes)).toMatch(expected);
  });

  it('of columns that the config names', async () => {
    const files = { 'train.csv': 'width,height,kind\n1,2,a\n3,4,b\n' };
    const ask = (data: object) => refusal(files, { ...raw, ...data }, classes);
    expect(await ask({ features: ['width', 'heigth'] })).toMatch(
      /#data\/features\/1 .*Did you mean "height"/,
    );
    expect(await ask({ features: ['kind'] })).toMatch(/The label "kind" is among the features/);
    expect(await ask({ label: undefined })).toMatch(/#data\/train .*Add "label" to "data"/);
  });

  it('of numbers and losses that do not fit', async () => {
    const files = { 'train.csv': 'x,kind\n1,0.5\n2,cat\n' };
    expect(await refusal(files, raw, numbers)).toMatch(/:3:1: Row 2 has the label "cat"/);
    const three = { 'train.csv': 'x,kind\n1,a\n2,b\n3,c\n' };
    expect(await refusal(three, raw, { loss: 'binaryCrossentropy' })).toMatch(
      /is for two classes, but the data has 3/,
    );
  });
});
