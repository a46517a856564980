import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countSamples, outlineData } from '../../../../src/editor/configs/sampleCount';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'batchwise-count-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const full = path.join(folder, name);
  await writeFile(full, content);
  return full;
}

function idx(samples: number): Buffer {
  const header = Buffer.alloc(16);
  header.set([0, 0, 8, 3]);
  header.writeUInt32BE(samples, 4);
  header.writeUInt32BE(28, 8);
  header.writeUInt32BE(28, 12);
  return header;
}

describe('counting samples without loading them', () => {
  it('counts the rows of a table, without header, blank lines and quoted line breaks', async () => {
    expect(await countSamples(await file('a.csv', 'x,y\n1,2\n3,4\n'))).toBe(2);
    expect(
      await countSamples(await file('b.csv', 'x,y\r\n1,"two\r\nlines"\r\n\r\n3,"a ""b"""')),
    ).toBe(2);
    expect(await countSamples(await file('c.tsv', 'x\ty\n'))).toBe(0);
    expect(await countSamples(await file('d.csv.gz', gzipSync('x\n1\n2\n3\n')))).toBe(3);
  });

  it('takes a first row for data where the config says so, or where it holds numbers alone', async () => {
    const named = await file('named.csv', 'x,y\n1,2\n3,4\n');
    const bare = await file('bare.csv', '1,2\n3,4\n5,6\n');
    expect(await countSamples(named, { header: 'none' })).toBe(3);
    expect(await countSamples(named, { header: 'auto' })).toBe(2);
    expect(await countSamples(bare)).toBe(3);
    expect(await countSamples(bare, { header: 'firstRow' })).toBe(2);
    expect(await countSamples(await file('blank.csv', ''))).toBe(0);
  });

  it('counts the windows of a series, as they are split', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => `${row},${2 * row}`).join('\n');
    await file('series.csv', `x,y\n${rows}\n`);
    const data = { train: 'series.csv', label: 'y', window: { size: 6 }, validation: 0.2 };
    // Rows 6 to 19 end a sample whose label, the next row, is there.
    expect(await outlineData({ data }, path.join(folder, 'batchwise.json'))).toMatchObject({
      samples: 11,
      validationSamples: 3,
      features: null,
    });
  });

  it('counts the lines of JSONL', async () => {
    expect(await countSamples(await file('a.jsonl', '{"x":1}\n{"x":2}'))).toBe(2);
  });

  it('reads the headers of IDX and NPY', async () => {
    expect(await countSamples(await file('images-idx3-ubyte', idx(60_000)))).toBe(60_000);
    expect(await countSamples(await file('images-idx3-ubyte.gz', gzipSync(idx(1_437))))).toBe(
      1_437,
    );
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (512, 24, 3), }\n";
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
      Buffer.from(header),
    ]);
    expect(await countSamples(await file('x.npy', npy))).toBe(512);
  });

  it('counts images by class', async () => {
    await mkdir(path.join(folder, 'pets/cat'), { recursive: true });
    await mkdir(path.join(folder, 'pets/dog'), { recursive: true });
    for (const name of ['cat/1.png', 'cat/2.JPG', 'dog/1.jpeg', 'dog/notes.txt'])
      await file(`pets/${name}`, '');
    expect(await countSamples(path.join(folder, 'pets'))).toBe(3);
  });

  it('says null for what it cannot tell, and never throws', async () => {
    expect(await countSamples(path.join(folder, 'missing.csv'))).toBeNull();
    expect(await countSamples(await file('load.mjs', 'export function load(tf) {}'))).toBeNull();
    expect(await countSamples(await file('broken.gz', 'not gzip'))).toBeNull();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom('f.npy', 'f', 'f.gz', 'f.csv'),
        async (bytes, name) => {
          const count = await countSamples(await file(name, bytes));
          expect(count === null || (Number.isInteger(count) && count >= 0)).toBe(true);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it('takes the validation share off', async () => {
    const rows = 'x,y\n' + '1,2\n'.repeat(1_000);
    await file('train.csv', rows);
    await file('val.csv', 'x,y\n3,4\n');
    const config = path.join(folder, 'batchwise.json');
    const outlined = (data: object) => outlineData({ data }, config);
    const features = [1];
    expect(await outlined({ train: 'train.csv', label: 'y' })).toEqual({
      ...{ samples: 800, validationSamples: 200, features },
    });
    expect(await outlined({ train: 'train.csv', label: 'y', validation: 0.1 })).toEqual({
      ...{ samples: 900, validationSamples: 100, features },
    });
    expect(await outlined({ train: 'train.csv', label: 'y', validation: 'val.csv' })).toEqual({
      ...{ samples: 1_000, validationSamples: 1, features },
    });
    expect(await outlined({ train: 3 })).toBeNull();
    expect(await outlineData(null, config)).toBeNull();
  });

  it('tells the shape of a sample where a header does', async () => {
    const config = path.join(folder, 'batchwise.json');
    const shapeOf = async (data: object) => (await outlineData({ data }, config))?.features;
    await file('people.csv', 'age,city,height,sick\n31,Oslo,1.8,0\n');
    expect(await shapeOf({ train: 'people.csv', label: 'sick' })).toEqual([2]);
    expect(await shapeOf({ train: 'people.csv', features: ['age'], label: 'sick' })).toEqual([1]);
    await file('quoted.csv', '"a,b",c\n1,2\n');
    expect(await shapeOf({ train: 'quoted.csv' })).toBeNull();
    await file('images-idx3-ubyte', idx(60_000));
    expect(await shapeOf({ train: 'images-idx3-ubyte' })).toEqual([28, 28]);
    expect(await shapeOf({ train: 'x.npy' })).toEqual([24, 3]);
  });
});
