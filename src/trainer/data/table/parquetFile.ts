import type { FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer } from 'hyparquet';
import { compressors as others } from 'hyparquet-compressors';
import type { ColumnarFile, RowGroup } from './columnarRows';
import { checkPages } from './parquetPages';

/** Node's own are faster, and stop at the length that a page announces. */
const compressors = {
  ...others,
  GZIP: (page: Uint8Array, length: number) => gunzipSync(page, { maxOutputLength: length }),
  BROTLI: (page: Uint8Array, length: number) =>
    brotliDecompressSync(page, { maxOutputLength: length }),
};

/** Opens a Parquet file: its columns and groups of rows. @throws Error for what is none */
export async function openParquetFile(
  handle: FileHandle,
  onRead: (bytes: number) => void,
): Promise<ColumnarFile> {
  const { size } = await handle.stat();
  const file: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      onRead(bytesRead);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
  const metadata = await parquetMetadataAsync(file);
  const schema = parquetSchema(metadata);
  const names = schema.children.map(({ element }) => element.name);
  let next = 0;
  const groups = metadata.row_groups.map((group): RowGroup => {
    const rows = countOf(group.num_rows);
    const rowStart = next;
    next += rows;
    const read = async () => {
      await checkPages(file, schema, group, compressors);
      let found: readonly (readonly unknown[])[] = [];
      await parquetRead({
        ...{ file, metadata, compressors, rowStart, rowEnd: rowStart + rows },
        rowFormat: 'array',
        onComplete: (complete) => {
          found = complete as unknown[][];
        },
      });
      return found;
    };
    // A list has more values than rows.
    const values = group.columns.map(({ meta_data }) => countOf(meta_data?.num_values));
    const bytes = Math.max(countOf(group.total_byte_size), ...values);
    return { rows, bytes, read };
  });
  return { names, groups };
}

/** A number of the footer, which may lack any. */
function countOf(value: bigint | undefined): number {
  const count = Number(value);
  if (!(count >= 0)) throw new Error('causeDamaged');
  return count;
}
