import type { FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type RowGroup,
} from 'hyparquet';
import { compressors as others } from 'hyparquet-compressors';
import { damaged } from '../../../core/text/errorText';
import type { ColumnarFile, Reading } from './columnarRows';
import { checkPages } from './parquetPages';

/** Node's own are faster, and stop at the length that a page announces. */
const compressors = {
  ...others,
  GZIP: (page: Uint8Array, length: number) => gunzipSync(page, { maxOutputLength: length }),
  BROTLI: (page: Uint8Array, length: number) =>
    brotliDecompressSync(page, { maxOutputLength: length }),
};

/**
 * Opens a Parquet file: its columns and groups of rows.
 * @param checked the groups whose pages were checked, which is added to
 * @throws Error for what is none
 */
export async function openParquetFile(
  handle: FileHandle,
  { onRead, requireBytes }: Reading,
  checked: Set<string>,
): Promise<ColumnarFile> {
  const { size, mtimeMs } = await handle.stat();
  const file: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
  const counted: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end) => {
      const bytes = await file.slice(start, end);
      onRead(bytes.byteLength);
      return bytes;
    },
  };
  const metadata = await parquetMetadataAsync(file);
  const schema = parquetSchema(metadata);
  const names = schema.children.map(({ element }) => element.name);

  const check = async (group: RowGroup, index: number) => {
    const key = `${size} ${mtimeMs} ${index}`;
    if (checked.has(key)) return;
    await checkPages(file, schema, group, compressors);
    checked.add(key);
  };

  async function* groups() {
    let rowStart = 0;
    for (const [index, group] of metadata.row_groups.entries()) {
      const rowEnd = rowStart + countOf(group.num_rows);
      // A list has more values than rows.
      const values = group.columns.map(({ meta_data }) => countOf(meta_data?.num_values));
      const cells = (rowEnd - rowStart) * Math.max(1, names.length);
      requireBytes(Math.max(countOf(group.total_byte_size), cells, ...values));
      await check(group, index);
      let found: readonly (readonly unknown[])[] = [];
      await parquetRead({
        ...{ file: counted, metadata, compressors, rowStart, rowEnd },
        rowFormat: 'array',
        onComplete: (complete) => {
          found = complete as unknown[][];
        },
      });
      yield found;
      rowStart = rowEnd;
    }
  }
  return { names, groups: groups() };
}

/** A number of the footer, which may lack any. */
function countOf(value: bigint | undefined): number {
  const count = Number(value);
  if (!(count >= 0)) damaged();
  return count;
}
