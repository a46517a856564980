import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecordReader } from '../../../../src/trainer/data/records/recordReader';
import { RecordWriter } from '../../../../src/trainer/data/records/recordWriter';
import {
  stampOf,
  typeBytes,
  type RecordType,
} from '../../../../src/trainer/data/records/recordFile';
import { workspace } from './workspace';

const runs = { seed: 3, numRuns: 60 };

/** Writes values as a type and byte order have them, after some other bytes. */
async function written(
  folder: string,
  { type, bigEndian, width, offset }: Omit<Layout, 'count'>,
  values: readonly number[],
) {
  const size = typeBytes[type];
  const bytes = new DataView(new ArrayBuffer(offset + size * values.length));
  values.forEach((value, index) => {
    const at = offset + index * size;
    if (type === 'f4') bytes.setFloat32(at, value, !bigEndian);
    else if (type === 'f8') bytes.setFloat64(at, value, !bigEndian);
    else if (type === 'i8') bytes.setBigInt64(at, BigInt(value), !bigEndian);
    else if (size === 1) bytes.setUint8(at, value);
    else if (size === 2) bytes.setUint16(at, value, !bigEndian);
    else bytes.setUint32(at, value, !bigEndian);
  });
  const file = path.join(folder, `${type}-${width}-${offset}-${values.length}-${bigEndian}`);
  await writeFile(file, new Uint8Array(bytes.buffer));
  const count = values.length / width;
  return { file, offset, count, width, type, bigEndian, stamp: await stampOf(file) };
}

interface Layout {
  readonly type: RecordType;
  readonly bigEndian: boolean;
  readonly width: number;
  readonly offset: number;
  readonly count: number;
}

describe('records', () => {
  it('of any type, width and byte order are read in any order', async () => {
    const folder = await workspace({});
    const layouts = fc.record({
      type: fc.constantFrom(...(Object.keys(typeBytes) as RecordType[])),
      bigEndian: fc.boolean(),
      width: fc.integer({ min: 1, max: 70 }),
      offset: fc.integer({ min: 0, max: 40 }),
      count: fc.integer({ min: 1, max: 900 }),
    });
    const rows = fc.array(fc.nat(), { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(layouts, rows, async (layout, wanted) => {
        const { width, count } = layout;
        const values = Array.from({ length: width * count }, (_, at) => (at * 31) % 120);
        const records = await written(folder, layout, values);
        const reader = new RecordReader(records);
        const list = Int32Array.from(wanted, (row) => row % count);
        const found = new Float32Array(list.length * width);
        reader.gather(list, found);
        const expected = [...list].flatMap((row) => values.slice(row * width, (row + 1) * width));
        expect([...found]).toEqual(expected);
        const all = [...reader.chunks()].flatMap((piece) => [...piece.values]);
        expect(all).toEqual(values);
        reader.close();
      }),
      runs,
    );
  });

  const posix = process.platform !== 'win32';
  const pipe = (file: string) => {
    spawnSync('mkfifo', [file]);
  };
  const folder = (file: string) => {
    mkdirSync(file);
  };
  const replacements: [string, (file: string) => void][] = [
    ['that is gone', () => undefined],
    ['in whose place is a folder', folder],
    ['in whose place is a pipe', pipe],
  ];
  it.each(posix ? replacements : replacements.slice(0, -1))(
    'in a file %s are refused by its name, at once',
    async (_, replace) => {
      const writer = new RecordWriter(path.join(await workspace({}), 'rows'), 'u4');
      writer.pushAll([1, 2, 3, 4]);
      const records = await writer.finish(2);
      rmSync(records.file);
      replace(records.file);
      const read = () => {
        new RecordReader(records).gather(Int32Array.of(1), new Float32Array(2));
      };
      expect(read).toThrow(/changed while it was being trained on/);
    },
  );

  it('far apart and next to each other are found in a file of many pieces', async () => {
    const folder = await workspace({});
    const writer = new RecordWriter(path.join(folder, 'many'), 'u4');
    const count = 700_000;
    for (let row = 0; row < count; row++) writer.pushAll([row, row ^ 0xff]);
    const reader = new RecordReader(await writer.finish(2));
    const rows = Int32Array.from({ length: 5000 }, (_, index) => (index * 7_654_321) % count);
    const found = new Float64Array(2 * rows.length);
    reader.gather(rows, found);
    rows.forEach((row, index) => {
      if (found[2 * index] !== row || found[2 * index + 1] !== (row ^ 0xff))
        throw new Error(`Row ${row} is not what was written.`);
    });
    let seen = 0;
    for (const { first, rows: length } of reader.chunks()) {
      expect(first).toBe(seen);
      seen += length;
    }
    expect(seen).toBe(count);
    reader.close();
  });
});
