import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer } from 'hyparquet';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressors as others } from 'hyparquet-compressors';
import { checkPages } from './parquetPages';

/** Node's own are faster, and stop at the length that a page announces. */
const compressors = {
  ...others,
  GZIP: (page: Uint8Array, length: number) => gunzipSync(page, { maxOutputLength: length }),
  BROTLI: (page: Uint8Array, length: number) =>
    brotliDecompressSync(page, { maxOutputLength: length }),
};

/** Rows that are read and held at once. */
interface RowGroup {
  readonly rows: number;
  /** What its values take unpacked, as the file says. */
  readonly bytes: number;
  readonly read: () => Promise<readonly (readonly unknown[])[]>;
}

export interface ParquetFile {
  readonly names: readonly string[];
  readonly groups: readonly RowGroup[];
}

/** Opens a Parquet file: its columns and groups of rows. @throws Error for what is none */
export async function openParquetFile(file: AsyncBuffer): Promise<ParquetFile> {
  const metadata = await parquetMetadataAsync(file);
  const schema = parquetSchema(metadata);
  const names = schema.children.map(({ element }) => element.name);
  let next = 0;
  const groups = metadata.row_groups.map((group) => {
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
