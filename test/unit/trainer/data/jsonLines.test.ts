import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { load, pairs, refusal } from './workspace';

const data = { train: 'train.jsonl', label: 'kind', normalize: false };
const classes = { loss: 'categoricalCrossentropy' } as const;

describe('JSON lines', () => {
  it('give back numbers and nested lists', async () => {
    const row = fc.record({
      x: fc.integer({ min: -9, max: 9 }),
      grid: fc.tuple(fc.tuple(fc.nat(9), fc.nat(9)), fc.tuple(fc.nat(9), fc.nat(9))),
      kind: fc.constantFrom('a', 'b\u2028c'),
      note: fc.string(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 3, maxLength: 12 }), async (rows) => {
        fc.pre(new Set(rows.map(({ kind }) => kind)).size === 2);
        const text = rows.map((each) => JSON.stringify(each)).join('\r\n\n');
        const all = await load({ 'train.jsonl': `\uFEFF${text}` }, data, classes);
        const expected = rows.map(({ x, grid, kind }) => [x, grid, kind === 'a' ? 0 : 1].join());
        expect(pairs(all)).toEqual(expected.sort());
        const one = await load({ 'train.jsonl': text }, { ...data, features: ['grid'] }, classes);
        expect(one.sampleShape).toEqual([2, 2]);
      }),
      { numRuns: 30 },
    );
  });

  it('take lists as labels', async () => {
    const text = '{"x":1,"kind":[0.5,2]}\n{"x":2,"kind":[1,3]}\n';
    const dataset = await load({ 'train.jsonl': text }, data, { loss: 'meanSquaredError' });
    expect(dataset).toMatchObject({ labelShape: [2], classes: null });
    expect(pairs(dataset)).toEqual(['1,0.5,2', '2,1,3']);
  });

  it.each([
    ['{"x":1,"kind":"a"}\n{"x":2,"kind":\n', /train.jsonl:2:1: This line is not a JSON object/],
    ['{"x":1,"kind":"a"}\n\n[1]\n', /train.jsonl:3:1: This line is not a JSON object/],
    ['{"x":1,"kind":"a"}\n{"kind":"b"}\n', /:2:1: Row 2 has no value in "x"/],
    ['{"x":1,"kind":"a"}\n{"x":2}\n', /:2:1: Row 2 has no label in "kind"/],
    ['{"x":1,"kind":"a"}\n{"x":null,"kind":"b"}\n', /:2:1: Row 2 has no value in "x"/],
    [
      '{"x":[1,2],"kind":"a"}\n{"x":[1],"kind":"b"}\n',
      /:2:1: The value of "x" has shape \[1\] here, but \[2\]/,
    ],
    [
      '{"x":[1,2],"kind":"a"}\n{"x":[[1],2],"kind":"b"}\n',
      /:2:1: The value of "x" has shape \[…\] here, but \[2\]/,
    ],
    ['{"x":1,"kind":"a"}\n{"x":1e99,"kind":"b"}\n', /:2:1: Row 2 has "1e\+99" in "x"/],
    ['{"x":1,"kid":"a"}\n', /#data\/label .*Did you mean "kid"/],
    ['\n\n', /holds no samples/],
  ])('%j is refused at its place', async (text, expected) => {
    expect(await refusal({ 'train.jsonl': text }, { ...data, missing: 'error' }, classes)).toMatch(
      expected,
    );
  });
});
