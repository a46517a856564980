import type { FileHandle } from 'node:fs/promises';
import {
  compressionRegistry,
  CompressionType,
  DataType,
  RecordBatchReader,
  type Data,
  type RecordBatch,
} from 'apache-arrow';
import { decompress as unpackZstd } from 'fzstd';
import { announcedLength, checkOffsets } from './arrowBatches';
import { checkedMessages } from './arrowMessages';
import type { ColumnarFile, Reading } from './columnarRows';
import { unpackLz4Frame } from './lz4Frame';

// Neither writes beyond the length that is announced.
compressionRegistry.set(CompressionType.LZ4_FRAME, {
  decode: (bytes) => unpackLz4Frame(bytes, announcedLength(bytes)),
});
compressionRegistry.set(CompressionType.ZSTD, {
  decode: (bytes) => unpackZstd(bytes, new Uint8Array(announcedLength(bytes))),
});

/** Opens an Arrow file or stream: its columns and record batches. @throws Error for what is none */
export async function openArrowFile(handle: FileHandle, reading: Reading): Promise<ColumnarFile> {
  const reader = await RecordBatchReader.from(checkedMessages(handle, reading));
  await reader.open({ autoDestroy: false });
  const { fields } = reader.schema;
  return { names: fields.map(({ name }) => name), groups: groupsOf(reader) };
}

async function* groupsOf(batches: AsyncIterable<RecordBatch>) {
  const checked = new WeakSet<Data>();
  for await (const batch of batches) {
    checkOffsets(batch.data, checked);
    yield rowsOf(batch);
  }
}

function* rowsOf(batch: RecordBatch): Generator<unknown[]> {
  // Rows without a value take no room, and can be of any number.
  if (batch.schema.fields.every(({ type }) => DataType.isNull(type))) return;
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
