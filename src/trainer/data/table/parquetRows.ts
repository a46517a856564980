import { open, type FileHandle } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { causeOf } from '../../../core/text/errorText';
import { requireMemory, streamUnpacked } from '../fileBytes';
import { refuse, type Source } from '../rawData';
import type { Cell } from './columnSurvey';
import type { ParquetFile } from './parquetFile';
import type { RowSource, VisitRow } from './readRows';

/** Values in memory take some times what they take in the file. */
const heldBytes = 4;

/** Opens a Parquet file: what reads it is loaded then. */
export function openParquet(source: Source): Promise<RowSource> {
  return Promise.resolve(new ParquetRows(source));
}

class ParquetRows implements RowSource {
  readonly #source: Source;
  readonly part = 'column';
  readonly firstRowMayBeHeader = false;
  readonly blankRows = 0;
  readonly notes = [];
  names: readonly string[] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  async read(visit: VisitRow, last: boolean): Promise<void> {
    const { file, name, hash } = this.#source;
    if (last) await finished((await streamUnpacked({ hash }, file)).resume());
    const handle = await open(file, 'r');
    try {
      const parquet = await this.#attempt(() => this.#open(handle));
      this.names = parquet.names;
      for (const { rows, bytes, read } of parquet.groups) {
        requireMemory(heldBytes * Math.max(bytes, rows * parquet.names.length), name, { file });
        for (const row of await this.#attempt(read)) visit(row.map(cellOf), () => undefined);
      }
    } finally {
      await handle.close();
    }
  }

  async #open(handle: FileHandle): Promise<ParquetFile> {
    const { onRead } = this.#source;
    const { openParquetFile } = await import('./parquetFile');
    const { size } = await handle.stat();
    return openParquetFile({
      byteLength: size,
      slice: async (start, end = size) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        onRead?.(bytesRead);
        return bytes.buffer.slice(0, bytesRead);
      },
    });
  }

  /** What the library throws is a fault of the file. */
  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { file, name } = this.#source;
      return refuse('dataParquetRead', { path: name, cause: causeInFile(error) }, { file });
    }
  }
}

/**
 * What a library says of a file where that is meant for people: that it lacks something. Else it has
 * stumbled over what is damaged, and says so in terms of its own code.
 */
function causeInFile(error: unknown): string {
  const cause = causeOf(error);
  const isTelling = /^cause[A-Z]|unsupported|invalid \(|encrypt/.test(cause);
  return isTelling && !/undefined|NaN/.test(cause) ? cause : 'causeDamaged';
}

/** 64-bit integers become numbers, as in other formats; texts are trimmed. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map(cellOf) : value;
}
