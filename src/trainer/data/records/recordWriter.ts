import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { refuse } from '../rawData';
import { stampOf, type RecordFile } from './recordFile';

const bufferValues = 2 ** 16;

/** What names the folder of temporary files. */
export const temporaryFolderVariable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';

/** Types that cache files have. */
type Written = 'f4' | 'f8' | 'u1' | 'u4';

/** Writes a cache file of numbers, one after the other, in constant memory. Its calls block. */
export class RecordWriter {
  readonly #type: Written;
  readonly #descriptor: number;
  readonly #buffer: Float32Array | Float64Array | Uint8Array | Uint32Array;
  #used = 0;
  #written = 0;

  constructor(
    readonly file: string,
    type: Written,
  ) {
    this.#type = type;
    this.#descriptor = openSync(file, 'wx', 0o600);
    const arrays = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, u4: Uint32Array };
    this.#buffer = new arrays[type](bufferValues);
  }

  /** Values so far. */
  get length(): number {
    return this.#written + this.#used;
  }

  push(value: number): void {
    if (this.#used === bufferValues) this.#flush();
    this.#buffer[this.#used++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    for (let at = 0; at < values.length;) {
      if (this.#used === bufferValues) this.#flush();
      const end = Math.min(values.length, at + bufferValues - this.#used);
      if (values instanceof Float64Array || values instanceof Uint8Array)
        this.#buffer.set(values.subarray(at, end), this.#used);
      else
        for (let from = at; from < end; from++)
          this.#buffer[this.#used + from - at] = values[from] ?? 0;
      this.#used += end - at;
      at = end;
    }
  }

  /** Ends the file; its records have `width` values each. */
  async finish(width: number): Promise<RecordFile> {
    this.#flush();
    closeSync(this.#descriptor);
    const { file } = this;
    const type = this.#type;
    const count = width === 0 ? 0 : this.#written / width;
    const stamp = await stampOf(file);
    return { file, offset: 0, count, width, type, bigEndian: false, stamp };
  }

  #flush(): void {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#buffer;
    writeAll(
      this.#descriptor,
      new Uint8Array(buffer, byteOffset, this.#used * BYTES_PER_ELEMENT),
      this.file,
    );
    this.#written += this.#used;
    this.#used = 0;
  }
}

/** Writes bytes to the end of a cache file; a full disk is a problem with its remedy. */
export function writeAll(descriptor: number, bytes: Uint8Array, file: string): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    if (!isFull) throw error;
    refuse(
      'dataDiskFull',
      { folder: path.dirname(file), variable: temporaryFolderVariable },
      { file },
    );
  }
}
