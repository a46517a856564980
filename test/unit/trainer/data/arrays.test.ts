import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { load, pairs, refusal, tryLoad } from './workspace';
import { idx, npy, npz } from './writers';

const regression = { loss: 'meanSquaredError' } as const;
const sparse = { loss: 'sparseCategoricalCrossentropy' } as const;
const arrays = { train: 'x.npy', labels: 'y.npy', normalize: false };

describe('NumPy arrays', () => {
  it.each([
    ['<f4', (values: number[]) => Float32Array.from(values)],
    ['<f8', (values: number[]) => Float64Array.from(values)],
    ['<i4', (values: number[]) => Int32Array.from(values)],
    ['<i8', (values: number[]) => BigInt64Array.from(values, BigInt)],
    ['<i2', (values: number[]) => Int16Array.from(values)],
    ['<u2', (values: number[]) => Uint16Array.from(values)],
    ['|i1', (values: number[]) => Int8Array.from(values)],
    ['|u1', (values: number[]) => Uint8Array.from(values)],
    ['|b1', (values: number[]) => Uint8Array.from(values, (value) => value % 2)],
  ])('of type %s give back what was written', async (type, make) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 100 })),
        async (count, width, stream) => {
          const values = make([...stream.take(count * width)]);
          const files = {
            'x.npy': npy(type, [count, width], values),
            'y.npy': npy(
              '<f4',
              [count, 1],
              Float32Array.from({ length: count }, (_, i) => i / 2),
            ),
          };
          const dataset = await load(files, arrays, regression);
          const expected = Array.from({ length: count }, (_, row) =>
            [
              ...Array.from<number | bigint>(values)
                .slice(row * width, (row + 1) * width)
                .map(Number),
              row / 2,
            ].join(),
          );
          expect(dataset.labelShape).toEqual([]);
          expect(pairs(dataset)).toEqual(expected.sort());
        },
      ),
      { numRuns: 8 },
    );
  });

  it('of half precision are widened', async () => {
    // 1, −2, 65504 (the largest), 2⁻²⁴ (the smallest), ⅓ and −0.5.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0xb800);
    const y = npy('<f2', [3], Uint16Array.of(0, 0x3c00, 0));
    const dataset = await load(
      { 'x.npy': npy('<f2', [3, 2], halves), 'y.npy': y },
      arrays,
      regression,
    );
    const third = 0.333251953125;
    expect(pairs(dataset)).toEqual([`1,-2,0`, `65504,${2 ** -24},1`, `${third},-0.5,0`].sort());
    const archived = await load(
      { 'd.npz': npz({ x: npy('<f2', [3, 2], halves), y }) },
      { train: 'd.npz', label: 'y', normalize: false },
      regression,
    );
    expect(pairs(archived)).toEqual(pairs(dataset));
  });

  it('in the order of Fortran are laid out by rows', async () => {
    const c = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    // Shape [2, 3, 2]: the first axis runs fastest in the file.
    const fortran = [1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12];
    const y = npy('<f4', [2], Float32Array.of(0, 1));
    const one = await load(
      { 'x.npy': npy('<f8', [2, 3, 2], Float64Array.from(c)), 'y.npy': y },
      arrays,
      regression,
    );
    const other = await load(
      { 'x.npy': npy('<f8', [2, 3, 2], Float64Array.from(fortran), true), 'y.npy': y },
      arrays,
      regression,
    );
    expect(other.sampleShape).toEqual([3, 2]);
    expect(pairs(other)).toEqual(pairs(one));
  });

  it('keep one-hot rows as they are, and know their classes', async () => {
    const dataset = await load(
      {
        'x.npy': npy('<f4', [3], Float32Array.of(1, 2, 3)),
        'y.npy': npy('|u1', [3, 2], Uint8Array.of(1, 0, 0, 1, 1, 0)),
      },
      arrays,
      { loss: 'categoricalCrossentropy' },
    );
    expect(dataset).toMatchObject({ sampleShape: [1], labelShape: [2], classes: ['0', '1'] });
    expect(pairs(dataset)).toEqual(['1,1,0', '2,0,1', '3,1,0']);
  });

  it('take texts as labels', async () => {
    const text = Buffer.alloc(3 * 4 * 3);
    Buffer.from('catdogcat').forEach((letter, at) => text.writeUInt32LE(letter, at * 4));
    const dataset = await load(
      { 'x.npy': npy('<f4', [3], Float32Array.of(1, 2, 3)), 'y.npy': npy('<U3', [3], text) },
      arrays,
      sparse,
    );
    expect(dataset.classes).toEqual(['cat', 'dog']);
    expect(pairs(dataset)).toEqual(['1,0', '2,1', '3,0']);
  });

  const x = npy('<f4', [2, 2], Float32Array.of(1, 2, 3, 4));
  const y = npy('<f4', [2], Float32Array.of(0, 1));
  it.each([
    [
      { 'x.npy': x.subarray(0, -1), 'y.npy': y },
      /x.npy is cut off or too long: shape \[2, 2\] needs 16 bytes of values, but 15/,
    ],
    [{ 'x.npy': x.subarray(0, 20), 'y.npy': y }, /its header is cut off/],
    [{ 'x.npy': npy('>f4', [1], new Float32Array(1)), 'y.npy': y }, /NumPy type >f4. Save it with/],
    [{ 'x.npy': npy('<c8', [1], new Uint8Array(8)), 'y.npy': y }, /NumPy type <c8/],
    [{ 'x.npy': npy('|O', [1], new Uint8Array(2)), 'y.npy': y }, /NumPy type \|O/],
    [{ 'x.npy': npy('<f4', [], new Float32Array(1)), 'y.npy': y }, /holds a single value/],
    [{ 'x.npy': npy('<f4', [0, 2], new Float32Array(0)), 'y.npy': y }, /holds no samples/],
    [
      { 'x.npy': x, 'y.npy': npy('<f4', [3], new Float32Array(3)) },
      /#data\/labels .*3 labels for 2 samples/,
    ],
    [
      { 'x.npy': npy('<f4', [2, 2], Float32Array.of(1, 2, NaN, 4)), 'y.npy': y },
      /x.npy: Sample 2 has NaN at \[0\]/,
    ],
    [
      { 'x.npy': npy('<f4', [2, 1, 2], Float32Array.of(1, 2, 3, -Infinity)), 'y.npy': y },
      /Sample 2 has -Infinity at \[0, 1\]/,
    ],
    [
      { 'x.npy': x, 'y.npy': npy('<f4', [2], Float32Array.of(NaN, 1)) },
      /Sample 1 has the label NaN/,
    ],
    [{ 'x.npy': x, 'y.npy': 'text' }, /#data\/labels .*The format of .*y.npy is not known/],
    [{ 'x.npy': 'text', 'y.npy': y }, /it does not start as one/],
  ])('are refused where they are wrong: %#', async (files, expected) => {
    expect(await refusal(files, arrays, regression)).toMatch(expected);
  });

  it('cut off anywhere are refused, never misread', async () => {
    for (let length = 0; length < x.length; length += 3) {
      const result = await tryLoad(
        { 'x.npy': x.subarray(0, length), 'y.npy': y },
        arrays,
        regression,
      );
      expect(result.ok).toBe(false);
    }
  });

  it('need a file of labels', async () => {
    expect(await refusal({ 'x.npy': x }, { train: 'x.npy' })).toMatch(
      /#data\/train .*holds features only. Add "labels" to "data"/,
    );
  });
});

describe('NumPy archives', () => {
  it('leave out scalars and types that are not asked for', async () => {
    const archive = npz({
      x: npy('<f4', [4, 2], Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8])),
      y: npy('|u1', [4], Uint8Array.from([0, 1, 0, 1])),
      version: npy('<f4', [], Float32Array.from([3])),
      names: npy('|O', [4], new Uint8Array(32)),
    });
    const data = { train: 'd.npz', label: 'y', normalize: false };
    const dataset = await load({ 'd.npz': archive }, data);
    expect(dataset.sampleShape).toEqual([2]);
    expect(dataset.reading?.notes).toEqual([
      { id: 'dataNoteArraysUnused', values: { columns: '"version", "names"' } },
    ]);
  });

  const a = npy('<f4', [2, 2], Float32Array.of(1, 2, 3, 4));
  const b = npy('<i8', [2], BigInt64Array.of(7n, 8n));
  const y = npy('<i4', [2], Int32Array.of(0, 1));
  const data = { train: 'd.npz', label: 'y', normalize: false };

  it('lay several arrays side by side, or keep the shape of one', async () => {
    const both = await load({ 'd.npz': npz({ a, b, y }) }, data, sparse);
    expect(both.sampleShape).toEqual([3]);
    expect(pairs(both)).toEqual(['1,2,7,0', '3,4,8,1']);
    const one = await load({ 'd.npz': npz({ a, b, y }) }, { ...data, features: ['a'] }, sparse);
    expect(pairs(one)).toEqual(['1,2,0', '3,4,1']);
  });

  it.each([
    [
      npz({ a, y: b, c: npy('<f4', [3], new Float32Array(3)) }),
      /array "c" has 3 entries, but "a" has 2/,
    ],
    [npz({ a, labels: y }), /no array "y" to take labels from. Available: "a", "labels"/],
    [npz({ y }), /no array beside the label/],
    [Buffer.from('PK\x03\x04 but no more'), /is not a whole .npz file/],
  ])('are refused where they are wrong: %#', async (bytes, expected) => {
    expect(await refusal({ 'd.npz': bytes }, data, sparse)).toMatch(expected);
  });
});

describe('IDX files', () => {
  const data = { train: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' };
  const images = idx(0x08, [3, 2, 2], [0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8]);
  const labels = idx(0x08, [3], [0, 2, 1]);

  it('give images a channel and scale bytes, gzipped or not', async () => {
    for (const pack of [(bytes: Buffer) => bytes, (bytes: Buffer) => gzipSync(bytes)]) {
      const files = { [data.train]: pack(images), [data.labels]: pack(labels) };
      const dataset = await load(files, data, sparse);
      expect(dataset).toMatchObject({ sampleShape: [2, 2, 1], classes: ['0', '1', '2'] });
      const rounded = pairs(dataset)[0]
        ?.split(',')
        .map((value) => Number(value).toFixed(3));
      expect(rounded?.join()).toBe('0.000,1.000,0.200,0.400,0.000');
    }
  });

  it('give back integers as they were written', async () => {
    const values = [-5, 70_000, 3, 4];
    const files = {
      [data.train]: idx(0x0c, [2, 2], values),
      [data.labels]: idx(0x08, [2], [0, 1]),
    };
    const dataset = await load(files, { ...data, normalize: false }, sparse);
    expect(pairs(dataset)).toEqual(['-5,70000,0', '3,4,1']);
  });

  it.each([
    [
      images.subarray(0, -2),
      /is cut off or too long: its header announces 12 bytes of values, but 10/,
    ],
    [Buffer.concat([images, images]), /announces 12 bytes of values, but 40 are there/],
    [images.subarray(0, 9), /its header is cut off/],
    [gzipSync(images).subarray(0, 30), /is not a whole gzip file/],
    [gzipSync('hello'), /#data\/train .*format of train-images-idx3-ubyte is not known/],
    [Buffer.from('hello'), /format of train-images-idx3-ubyte is not known/],
    [Buffer.alloc(0), /holds no samples/],
  ])('are refused where they are wrong: %#', async (bytes, expected) => {
    const files = { [data.train]: bytes, [data.labels]: labels };
    expect(await refusal(files, data, sparse)).toMatch(expected);
  });
});
