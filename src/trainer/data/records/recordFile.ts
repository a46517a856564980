import { stat } from 'node:fs/promises';
import { refuse } from '../rawData';

/** Types of stored values, by NumPy's names. */
export type RecordType = 'f4' | 'f8' | 'i1' | 'i2' | 'i4' | 'i8' | 'u1' | 'u2' | 'u4';

export const typeBytes: Readonly<Record<RecordType, number>> = {
  f4: 4,
  f8: 8,
  i1: 1,
  i2: 2,
  i4: 4,
  i8: 8,
  u1: 1,
  u2: 2,
  u4: 4,
};

/** Identifies a file, so that a change since the first reading is noticed. */
interface FileStamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * Rows of numbers in a file, all of one length, so that any row can be read alone: an IDX or NPY
 * file where it lies, or a cache file of what had to be parsed. It is plain data: it goes to other
 * threads and into JSON.
 */
export interface RecordFile {
  /** Absolute path. */
  readonly file: string;
  /** Bytes before the first record. */
  readonly offset: number;
  readonly count: number;
  /** Values per record. */
  readonly width: number;
  readonly type: RecordType;
  readonly bigEndian: boolean;
  readonly stamp: FileStamp;
}

export function recordBytes({ width, type }: Pick<RecordFile, 'width' | 'type'>): number {
  return width * typeBytes[type];
}

export async function stampOf(file: string): Promise<FileStamp> {
  const { size, mtimeMs } = await stat(file);
  return { bytes: size, modifiedMs: mtimeMs };
}

/** Refuses a file that is not as it was when it was read first. */
export function checkStamp({ file, stamp }: RecordFile, found: { size: number; mtimeMs: number }) {
  if (found.size !== stamp.bytes || found.mtimeMs !== stamp.modifiedMs) {
    refuse('dataChanged', { path: file }, { file });
  }
}
