import type { FileHandle } from 'node:fs/promises';
import {
  compressionRegistry,
  CompressionType,
  DataType,
  RecordBatchReader,
  type RecordBatch,
} from 'apache-arrow';
import { decompress as unpackZstd } from 'fzstd';
import { decompress as unpackLz4 } from 'lz4js';
import type { ColumnarFile, RowGroup } from './columnarRows';

/** What a file, unlike a stream, begins and ends with. */
const magic = 'ARROW1';

compressionRegistry.set(CompressionType.LZ4_FRAME, {
  decode: (bytes) => aligned(unpackLz4(bytes)),
});
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => aligned(unpackZstd(bytes)) });

/** Numbers of eight bytes begin at a multiple of eight. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

/** Opens an Arrow file or stream: its columns and record batches. @throws Error for what is none */
export async function openArrowFile(
  handle: FileHandle,
  onRead: (bytes: number) => void,
): Promise<ColumnarFile> {
  await requireEnd(handle);
  const reader = await RecordBatchReader.from(counted(handle, onRead));
  await reader.open({ autoDestroy: false });
  const { fields } = reader.schema;
  return { names: fields.map(({ name }) => name), groups: groupsOf(reader) };
}

/** A file that was cut off lacks its table of contents, which the library does not notice. */
async function requireEnd(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const textAt = async (position: number) => {
    const { buffer } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, position);
    return buffer.toString('latin1');
  };
  if ((await textAt(0)) !== magic || (await textAt(Math.max(0, size - magic.length))) === magic)
    return;
  throw new Error('causeDamaged');
}

/** Leaves the handle open, and counts what is read of it. */
function counted(handle: FileHandle, onRead: (bytes: number) => void): FileHandle {
  const read = async (buffer: Uint8Array, offset: number, length: number, position: number) => {
    const result = await handle.read(buffer, offset, length, position);
    onRead(result.bytesRead);
    return result;
  };
  const counting: Pick<FileHandle, 'fd' | 'stat' | 'close'> & { read: typeof read } = {
    fd: handle.fd,
    stat: handle.stat.bind(handle),
    read,
    close: () => Promise.resolve(),
  };
  return counting as FileHandle;
}

async function* groupsOf(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RowGroup> {
  for await (const batch of batches) {
    const { numRows: rows, data } = batch;
    yield { rows, bytes: data.byteLength, read: () => Promise.resolve(rowsOf(batch)) };
  }
}

function* rowsOf(batch: RecordBatch): Generator<unknown[]> {
  const columns = batch.schema.fields.map(({ type }, index) => ({
    values: batch.getChildAt(index),
    plain: plainOf(type as DataType),
  }));
  for (let row = 0; row < batch.numRows; row++)
    yield columns.map(({ values, plain }) => {
      const value: unknown = values?.get(row);
      return value === null || value === undefined ? null : plain(value);
    });
}

/** What turns a value of a type into a number, text, truth value, date or array of them. */
function plainOf(type: DataType): (value: unknown) => unknown {
  if (DataType.isDictionary(type)) return plainOf(type.dictionary as DataType);
  // The library gives the milliseconds since 1970.
  if (DataType.isDate(type) || DataType.isTimestamp(type))
    return (value) => new Date(Number(value));
  if (DataType.isTime(type) || DataType.isDuration(type)) return Number;
  if (DataType.isDecimal(type)) {
    const { scale } = type;
    return (value) => Number(`${String(value)}e${String(-scale)}`);
  }
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const [item] = type.children;
    const plain = item ? plainOf(item.type as DataType) : String;
    return (value) => Array.from(value as Iterable<unknown>, (each) => plain(each));
  }
  return (value) => value;
}
