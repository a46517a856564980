import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

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
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  let next = 0;
  const groups = metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows);
    const rowStart = next;
    next += rows;
    const read = async () => {
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
    return { rows, bytes: Number(group.total_byte_size), read };
  });
  return { names, groups };
}
