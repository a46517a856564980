import { Field, Int32, Null, Schema, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { Message } from 'apache-arrow/fb/message';
import { Schema as SchemaTable } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { read } from './bothWays';
import { refusal } from './workspace';

const fixture = (name: string) => readFile(`test/fixtures/arrow/${name}`);

function arrow(columns: Record<string, unknown[]>): Uint8Array {
  const vectors = Object.entries(columns).map(
    ([name, values]) => [name, vectorFromArray(values)] as const,
  );
  return tableToIPC(new Table(Object.fromEntries(vectors)), 'file');
}

const rows = [
  '1.5,0.5,1,12.5,1,0,0,1,2,1',
  '4.125,1,2,-0.05000000074505806,0,1,1,3,4,0',
  '3,1.5,3,7,1,2,2,5,6,1',
  '4,2,5,1.25,1,3,3,7,8,0',
  `8,-2.5,${String(2 ** 40)},99.98999786376953,0,5,5,9,10,1`,
].sort();

describe('an Arrow file that pyarrow wrote', () => {
  it.each([
    ['lz4.feather', 'LZ4, two rows a batch'],
    ['zstd.arrow', 'Zstandard'],
    ['plain.arrow', 'no compression'],
    ['stream.arrows', 'a stream of batches'],
  ])('reads back as written: %s (%s)', async (train) => {
    const data = { train, label: 'kind', dates: 'number' };
    const found = await read({ [train]: await fixture(train) }, data);
    expect(found.classes).toEqual(['apple', 'pear']);
    expect(found.rows).toEqual(rows);
    expect(found.notes).toMatch(/"note"/);
  });

  it('gives lists of numbers their shape', async () => {
    const data = { train: 'd.feather', features: ['pair'], label: 'kind' };
    const found = await read({ 'd.feather': await fixture('lz4.feather') }, data);
    expect(found.shape).toEqual([2]);
    expect(found.rows).toEqual(['1,2,1', '3,4,0', '5,6,1', '7,8,0', '9,10,1'].sort());
  });

  it('of version 1 is refused with what to save instead', async () => {
    const files = { 'd.feather': await fixture('version1.feather') };
    expect(await refusal(files, { train: 'd.feather', label: 'count' })).toMatch(
      /Feather 1, which is not supported. Save it as Feather 2/,
    );
  });

  it('is refused where it is cut off', async () => {
    for (const name of ['zstd.arrow', 'stream.arrows']) {
      const bytes = await fixture(name);
      const files = { [name]: bytes.subarray(0, bytes.length - 400) };
      expect(await refusal(files, { train: name, label: 'kind' })).toMatch(
        new RegExp(`${name} cannot be read as Arrow: `),
      );
    }
  });
});

describe('an Arrow file', () => {
  const kind = ['pear', 'apple', 'pear', 'apple'];

  it('is known by its first bytes, and validates with another one', async () => {
    const files = {
      table: arrow({ x: [1.5, 2, 3, 4], kind }),
      'v.arrow': arrow({ kind: ['pear'], x: [7] }),
    };
    const found = await read(files, { train: 'table', label: 'kind', validation: 'v.arrow' });
    expect(found.validationSamples).toBe(1);
    expect(found.rows).toContain('7,1');
  });

  it('names the label it lacks', async () => {
    const files = { 'd.arrow': arrow({ x: [1, 2, 3, 4], kinds: kind }) };
    expect(await refusal(files, { train: 'd.arrow', label: 'kind' })).toMatch(
      /Did you mean "kinds"/,
    );
  });
});

describe('an Arrow file that says more than it holds', () => {
  const data = { train: 'd.arrow', label: 'kind' };
  const start = { zstd: 0xfd2fb528, lz4: 0x184d2204 };

  /** Where the first frame begins that unpacks to so many bytes. */
  function frameAt(bytes: Uint8Array, magic: number, length: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 8; at + 4 < bytes.length; at++)
      if (view.getUint32(at, true) === magic && view.getBigInt64(at - 8, true) === BigInt(length))
        return at;
    throw new Error('There is no such frame.');
  }

  /** The fixture, the buffers of which that unpack to `length` bytes saying another number. */
  async function announcing(name: string, magic: number, length: number, said: bigint) {
    const bytes = Uint8Array.from(await fixture(name));
    new DataView(bytes.buffer).setBigInt64(frameAt(bytes, magic, length) - 8, said, true);
    return { 'd.arrow': bytes };
  }

  it.each([
    ['of numbers, of Zstandard', 'zstd.arrow', start.zstd, 40, 2n ** 33n],
    ['of numbers, of LZ4', 'lz4.feather', start.lz4, 16, 2n ** 33n],
    ['of numbers, by little', 'zstd.arrow', start.zstd, 40, 4000n],
    ['of texts', 'zstd.arrow', start.zstd, 9, 2n ** 40n],
  ])('in a buffer %s is refused before that is unpacked', async (_, name, magic, length, said) => {
    const files = await announcing(name, magic, length, said);
    expect(await refusal(files, data)).toMatch(
      /d\.arrow cannot be read as Arrow: a buffer unpacks to more than its values need/,
    );
  });

  it.each([
    ['than its rows need', 'zstd.arrow', start.zstd, 40, 39n],
    ['than its frame holds', 'lz4.feather', start.lz4, 16, 17n],
    ['than nothing', 'zstd.arrow', start.zstd, 40, -2n],
  ])('or less %s is damaged', async (_, name, magic, length, said) => {
    const files = await announcing(name, magic, length, said);
    expect(await refusal(files, data)).toMatch(/d\.arrow cannot be read as Arrow: it is damaged/);
  });

  it('in the lists of its schema is damaged, also where one is of less than nothing', async () => {
    const schema = new Schema([new Field('kind', new Int32())], new Map([['by', 'hand']]));
    const bytes = tableToIPC(new Table(schema), 'stream');
    const message = Message.getRootAsMessage(new ByteBuffer(bytes.subarray(8)));
    const table = message.header(new SchemaTable()) as SchemaTable | null;
    const { bb: buffer, bb_pos: at } = table ?? {};
    if (!buffer || at === undefined) throw new Error('There is no schema.');
    // https://github.com/apache/arrow/blob/main/format/Schema.fbs: fields, then what a writer adds.
    for (const [list, length] of [
      [6, 600_000_000],
      [8, -1_000_000_000],
    ] as const)
      buffer.writeInt32(buffer.__vector(at + buffer.__offset(at, list)) - 4, length);
    expect(await refusal({ 'd.arrow': bytes }, data)).toMatch(/it is damaged/);
  });

  it('of rows without a value holds no samples', async () => {
    const nothing = vectorFromArray([null, null, null], new Null());
    const bytes = tableToIPC(new Table({ kind: nothing }), 'file');
    expect(await refusal({ 'd.arrow': bytes }, data)).toMatch(/holds no samples/);
  });
});
