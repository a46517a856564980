import { open, type FileHandle } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { causeInFile } from '../../../core/text/errorText';
import { ProblemError } from '../../../core/text/problem';
import { requireMemory, streamUnpacked } from '../fileBytes';
import { refuse, type Source } from '../rawData';
import type { Cell } from './columnSurvey';
import { firstTwice, type RowSource, type VisitRow } from './readRows';

/** A file that holds its values column by column. */
export interface ColumnarFile {
  readonly names: readonly string[];
  /** Its rows, in groups that are read and held at once. */
  readonly groups: AsyncIterable<Iterable<readonly unknown[]>>;
}

/** What reading a file needs to know of the program, and tells it. */
export interface Reading {
  readonly onRead: (bytes: number) => void;
  /** Refuses values that take more than the free memory, before they are unpacked. */
  readonly requireBytes: (bytes: number) => void;
}

type OpenFile = (handle: FileHandle, reading: Reading) => Promise<ColumnarFile>;

/** Values in memory take some times what they take in the file. */
const heldBytes = 4;

/** Opens a Parquet file: what reads it is loaded then. */
export function openParquet(source: Source): Promise<RowSource> {
  // A file is read more than once.
  const checked = new Set<string>();
  const load: OpenFile = async (handle, reading) => {
    const { openParquetFile } = await import('./parquetFile');
    return openParquetFile(handle, reading, checked);
  };
  return Promise.resolve(new ColumnarRows(source, 'Parquet', load));
}

/** Opens an Arrow file or stream (Feather 2): what reads it is loaded then. */
export function openArrow(source: Source): Promise<RowSource> {
  const load: OpenFile = async (handle, reading) => {
    const { openArrowFile } = await import('./arrowFile');
    return openArrowFile(handle, reading);
  };
  return Promise.resolve(new ColumnarRows(source, 'Arrow', load));
}

class ColumnarRows implements RowSource {
  readonly #source: Source;
  readonly #format: string;
  readonly #open: OpenFile;
  readonly part = 'column';
  readonly firstRowMayBeHeader = false;
  readonly blankRows = 0;
  readonly notes = [];
  names: readonly string[] = [];

  constructor(source: Source, format: string, open: OpenFile) {
    this.#source = source;
    this.#format = format;
    this.#open = open;
  }

  async read(visit: VisitRow, last: boolean): Promise<void> {
    const { file, hash } = this.#source;
    if (last) await finished((await streamUnpacked({ hash }, file)).resume());
    const handle = await open(file, 'r');
    try {
      await this.#readGroups(handle, visit);
    } finally {
      await handle.close();
    }
  }

  async #readGroups(handle: FileHandle, visit: VisitRow): Promise<void> {
    const { file, name, onRead } = this.#source;
    try {
      const requireBytes = (bytes: number) => {
        requireMemory(heldBytes * bytes, name, { file });
      };
      const reading = { onRead: (bytes: number) => onRead?.(bytes), requireBytes };
      const { names, groups } = await this.#open(handle, reading);
      this.names = names;
      const twice = firstTwice(names);
      if (twice !== undefined) refuse('dataHeaderTwice', { path: name, name: twice }, { file });
      for await (const rows of groups)
        for (const row of rows) visit(row.map(cellOf), () => undefined);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      // What the library throws is a fault of the file.
      const values = { path: name, format: this.#format, cause: causeOfColumnar(error) };
      refuse('dataColumnarRead', values, { file });
    }
  }
}

/**
 * What a library says of a file where that is meant for people: that it lacks something. Else it has
 * stumbled over what is damaged, and says so in terms of its own code.
 */
function causeOfColumnar(error: unknown): string {
  const cause = causeInFile(error);
  const isTelling = /^cause[A-Z]|unsupported|invalid \(|encrypt/.test(cause);
  return isTelling && !/undefined|NaN/.test(cause) ? cause : 'causeDamaged';
}

/** 64-bit integers become numbers, as in other formats; texts are trimmed. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map(cellOf) : value;
}
