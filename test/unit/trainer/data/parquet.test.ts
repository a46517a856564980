import { parquetWriteBuffer } from 'hyparquet-writer';
import { open, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { read } from './bothWays';
import { openParquetFile } from '../../../../src/trainer/data/table/parquetFile';
import { refusal, tryLoad, workspace } from './workspace';
import { describe as sentence } from '../../../../src/core/text/problem';

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

function parquet(columnData: Columns, options: object = {}): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
}

const x = [1.5, -2, 1e6, 0.25, 7];
const kind = ['pear', 'apple', 'pear', 'apple', 'pear'];
const data = { train: 'd.parquet', label: 'kind' };

describe('a Parquet file', () => {
  it.each([
    ['Snappy', {}],
    ['no compression', { codec: 'UNCOMPRESSED' }],
    ['gzip', { codec: 'GZIP', compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) } }],
    ['groups of two rows', { rowGroupSize: 2 }],
  ])('reads back as written with %s', async (_, options) => {
    const columns: Columns = [
      { name: 'x', data: x, type: 'DOUBLE' },
      { name: 'count', data: [1n, 2n, 3n, 5n, 4n], type: 'INT64' },
      { name: 'flag', data: [true, false, true, true, false], type: 'BOOLEAN' },
      { name: 'kind', data: kind, type: 'STRING' },
    ];
    const found = await read({ 'd.parquet': parquet(columns, options) }, data);
    expect(found.shape).toEqual([3]);
    expect(found.classes).toEqual(['apple', 'pear']);
    expect(found.rows).toEqual(
      ['1.5,1,1,1', '-2,2,0,0', '1000000,3,1,1', '0.25,5,1,0', '7,4,0,1'].sort(),
    );
  });

  it('fills missing values, reads dates and leaves the index of pandas out', async () => {
    const columns: Columns = [
      { name: 'x', data: [1, null, 3, 4, 8], type: 'DOUBLE' },
      {
        name: 'day',
        data: [0, 1, 2, 3, 5].map((day) => new Date(day * 86_400_000)),
        type: 'TIMESTAMP',
      },
      { name: 'kind', data: kind, type: 'STRING' },
      { name: '__index_level_0__', data: [0n, 1n, 2n, 3n, 4n], type: 'INT64' },
    ];
    const found = await read({ 'd.parquet': parquet(columns) }, { ...data, dates: 'number' });
    expect(found.rows).toEqual(['1,0,1', '4,1,0', '3,2,1', '4,3,0', '8,5,1'].sort());
    expect(found.notes).toMatch(/number the rows: "__index_level_0__"/);
  });

  it('is refused where two columns have one name', async () => {
    const columns: Columns = [
      { name: 'x', data: x, type: 'DOUBLE' },
      { name: 'x', data: x, type: 'DOUBLE' },
      { name: 'kind', data: kind, type: 'STRING' },
    ];
    expect(await refusal({ 'd.parquet': parquet(columns) }, data)).toMatch(/the column "x" twice/);
  });

  it('is known by its first bytes', async () => {
    const bytes = parquet([
      { name: 'x', data: x },
      { name: 'kind', data: kind },
    ]);
    expect((await read({ table: bytes }, { ...data, train: 'table' })).rows).toHaveLength(5);
  });

  it('validates with another one', async () => {
    const files = {
      'd.parquet': parquet([
        { name: 'x', data: x },
        { name: 'kind', data: kind },
      ]),
      'v.parquet': parquet([
        { name: 'kind', data: ['pear'] },
        { name: 'x', data: [3] },
      ]),
    };
    const found = await read(files, { ...data, validation: 'v.parquet' });
    expect(found.validationSamples).toBe(1);
    expect(found.rows).toContain('3,1');
  });

  it('is refused where it is cut off, or lacks the label', async () => {
    const bytes = parquet([
      { name: 'x', data: x },
      { name: 'kinds', data: kind },
    ]);
    const cut = { 'd.parquet': bytes.subarray(0, bytes.length - 9) };
    expect(await refusal(cut, data)).toMatch(/d.parquet cannot be read as Parquet: /);
    expect(await refusal({ 'd.parquet': bytes }, data)).toMatch(/Did you mean "kinds"/);
  });
});

describe('a Parquet file of pyarrow', () => {
  const fixture = (name: string) => readFile(`test/fixtures/parquet/${name}.parquet`);

  it.each(['zstd', 'lz4', 'brotli'])('is read with %s', async (codec) => {
    const found = await read({ 'd.parquet': await fixture(codec) }, data);
    expect(found.rows).toEqual(['1.5,1,1', '-2,2,0', '1.6875,3,1', '0.25,5,0', '7,4,1'].sort());
  });

  it('is read with pages of format 2, lists and other encodings', async () => {
    const found = await read({ 'd.parquet': await fixture('version2') }, data);
    expect(found.shape).toEqual([2]);
    expect(found.rows).toEqual(['1,2,1', '3,4,0', '5,6,1'].sort());
  });
});

it('a damaged Parquet file is told to be that, not what its reader stumbled over', async () => {
  const whole = parquet([
    { name: 'x', data: x },
    { name: 'kind', data: kind },
  ]);
  const footer = whole.length - 8 - new DataView(whole.buffer).getUint32(whole.length - 8, true);
  for (let at = footer; at < whole.length - 8; at++) {
    const bytes = Uint8Array.from(whole);
    bytes[at] = 0;
    const loaded = await tryLoad({ 'd.parquet': bytes }, data);
    const said = loaded.ok ? '' : sentence(loaded.problem);
    expect(said, String(at)).not.toMatch(/undefined|NaN|not a function|not iterable|Cannot|Offset/);
  }
});

describe('the pages of a Parquet file', () => {
  const columns: Columns = [
    { name: 'x', data: Array.from({ length: 4000 }, (_, at) => Math.sin(at)), type: 'DOUBLE' },
  ];
  const bytes = parquet(columns, { codec: 'UNCOMPRESSED', rowGroupSize: 2000 });

  /** @returns how many bytes a reading of the file takes from it */
  async function bytesRead(file: string, checked: Set<string>): Promise<number> {
    const handle = await open(file, 'r');
    let taken = 0;
    const counting = Object.assign(Object.create(handle) as typeof handle, {
      stat: () => handle.stat(),
      read: async (...args: Parameters<typeof handle.read>) => {
        const result = await handle.read(...args);
        taken += result.bytesRead;
        return result;
      },
    });
    const reading = { onRead: () => undefined, requireBytes: () => undefined };
    const { groups } = await openParquetFile(counting, reading, checked);
    for await (const rows of groups) expect([...rows]).toHaveLength(2000);
    await handle.close();
    return taken;
  }

  it('are checked at the first of several readings, and again where the file has changed', async () => {
    const file = path.join(await workspace({ 'd.parquet': bytes }), 'd.parquet');
    const checked = new Set<string>();
    const first = await bytesRead(file, checked);
    const second = await bytesRead(file, checked);
    expect(first - second).toBeGreaterThan(30_000);
    await utimes(file, 1, 1);
    expect(await bytesRead(file, checked)).toBe(first);
  });
});

describe('a Parquet file that unpacks to more than it says', () => {
  const columns = {
    levels: [{ name: 'x', data: Array.from({ length: 64 }, (_, at) => (at % 2 ? at : null)) }],
    indices: [
      {
        name: 'x',
        data: Array.from({ length: 64 }, (_, at) => at % 5),
        encoding: 'RLE_DICTIONARY',
      },
    ],
  } as unknown as Record<string, Columns>;
  /** A run of 67,108,863 equal values, in place of one of values that are packed by eights. */
  const endlessRun = [0xfe, 0xff, 0xff, 0x3f];

  it.each(['levels', 'indices'])('in its %s is refused before that is unpacked', async (part) => {
    const label = { name: 'y', data: Array.from({ length: 64 }, (_, at) => at) };
    const bytes = parquet([...(columns[part] ?? []), label], { codec: 'UNCOMPRESSED' });
    // 64 values, packed by eights.
    const run = bytes.indexOf((8 << 1) | 1, 4);
    bytes.set(endlessRun, run);
    const own = { train: 'd.parquet', label: 'y' };
    expect(await refusal({ 'd.parquet': bytes }, own, { loss: 'meanSquaredError' })).toMatch(
      /d\.parquet cannot be read as Parquet: a page holds more values than it announces/,
    );
  });

  it('is refused where the header of a page lacks a length, of which reading never ends', async () => {
    const label = { name: 'y', data: Array.from({ length: 64 }, (_, at) => at) };
    const bytes = parquet([...(columns.levels ?? []), label], { codec: 'UNCOMPRESSED' });
    // A number of missing values becomes a truth value, and what follows it the end of the header.
    const header = Buffer.from(bytes).indexOf(Buffer.from([0x5c, 0x15, 0x80, 0x01, 0x15]));
    bytes[header + 4] = 0x22;
    bytes[header + 5] = 0;
    const own = { train: 'd.parquet', label: 'y' };
    expect(await refusal({ 'd.parquet': bytes }, own, { loss: 'meanSquaredError' })).toMatch(
      /d\.parquet cannot be read as Parquet: it is damaged/,
    );
  });
});
