import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { refuse } from '../rawData';
import { checkStamp, recordBytes, typeBytes, type RecordFile } from './recordFile';

/** Rows closer together than this are read at once with what lies between: a call costs as much. */
const gapBytes = 8 * 1024;
/** Most bytes read at once. */
const scratchBytes = 2 ** 20;

/** Where values go: Float32Array rounds them as it does everywhere, Float64Array keeps them. */
export type Values = Float32Array | Float64Array;

type Stored =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

/** A pipe that has come in the file's place is opened without waiting for a writer. */
function opened({ file }: RecordFile): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      refuse('dataChanged', { path: file }, { file });
    throw error;
  }
}

/** Reads rows of a record file wherever they lie, in constant memory. Its calls block. */
export class RecordReader {
  readonly #records: RecordFile;
  readonly #descriptor: number;
  readonly #rowBytes: number;
  readonly #scratch: Buffer;
  readonly #stored: Stored;

  /** @throws ProblemError when the file is not the one that was read first */
  constructor(records: RecordFile) {
    this.#records = records;
    this.#rowBytes = recordBytes(records);
    this.#descriptor = opened(records);
    const rowsAtOnce = Math.max(1, Math.floor(scratchBytes / this.#rowBytes));
    // Not from Buffer's pool: typed views need its start aligned.
    this.#scratch = Buffer.from(new ArrayBuffer(rowsAtOnce * this.#rowBytes));
    this.#stored = viewOf(this.#scratch.buffer, records);
  }

  /**
   * Copies the rows of these numbers, in their order, `rows.length × width` values. They are read in
   * the order in which they lie, neighbours together.
   * @throws ProblemError when the file has changed since it was read first
   */
  gather(rows: Int32Array, into: Values): void {
    const { width } = this.#records;
    this.#check();
    const byPlace = inPlaceOrder(rows);
    for (let start = 0; start < rows.length;) {
      const first = rows[byPlace(start)] ?? 0;
      let end = start + 1;
      let last = first;
      while (end < rows.length) {
        const row = rows[byPlace(end)] ?? 0;
        const gap = (row - last - 1) * this.#rowBytes;
        if (gap > gapBytes || (row - first + 1) * this.#rowBytes > this.#scratch.length) break;
        last = row;
        end++;
      }
      this.#read(first, last - first + 1);
      for (; start < end; start++) {
        const place = byPlace(start);
        this.#copy(((rows[place] ?? 0) - first) * width, width, into, place * width);
      }
    }
  }

  /** All rows in file order, some at a time; the array is used again for the next. */
  *chunks(): Generator<{ readonly first: number; readonly rows: number; values: Float64Array }> {
    const { count, width } = this.#records;
    const atOnce = Math.max(1, Math.floor(this.#scratch.length / this.#rowBytes));
    const values = new Float64Array(Math.min(count, atOnce) * width);
    for (let first = 0; first < count; first += atOnce) {
      const rows = Math.min(atOnce, count - first);
      this.#check();
      this.#read(first, rows);
      this.#copy(0, rows * width, values, 0);
      yield { first, rows, values: values.subarray(0, rows * width) };
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #check(): void {
    checkStamp(this.#records, fstatSync(this.#descriptor));
  }

  #read(first: number, rows: number): void {
    const { offset, file, bigEndian, type } = this.#records;
    const position = offset + first * this.#rowBytes;
    const wanted = rows * this.#rowBytes;
    for (let done = 0; done < wanted;) {
      const found = readSync(this.#descriptor, this.#scratch, done, wanted - done, position + done);
      if (found === 0) refuse('dataChanged', { path: file }, { file });
      done += found;
    }
    if (bigEndian) swap(this.#scratch.subarray(0, wanted), typeBytes[type]);
  }

  #copy(from: number, length: number, into: Values, at: number): void {
    const stored = this.#stored;
    if (stored instanceof BigInt64Array) {
      for (let index = 0; index < length; index++) into[at + index] = Number(stored[from + index]);
    } else if (length < 32) {
      // Cheaper than a view of so few values.
      for (let index = 0; index < length; index++) into[at + index] = stored[from + index] ?? 0;
    } else {
      into.set(stored.subarray(from, from + length), at);
    }
  }
}

/** Which of the rows is read at each turn: by their places in the file. */
function inPlaceOrder(rows: Int32Array): (turn: number) => number {
  let ascending = true;
  for (let at = 1; at < rows.length && ascending; at++) {
    ascending = (rows[at - 1] ?? 0) <= (rows[at] ?? 0);
  }
  if (ascending) return (turn) => turn;
  // Row and place in one number, which typed arrays sort fastest: below 2⁵³ for 2³¹ rows.
  const keys = Float64Array.from(rows, (row, place) => row * rows.length + place).sort();
  return (turn) => (keys[turn] ?? 0) % rows.length;
}

function viewOf(buffer: ArrayBufferLike, { type }: RecordFile): Stored {
  switch (type) {
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    case 'i1':
      return new Int8Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'i8':
      return new BigInt64Array(buffer);
    case 'u1':
      return new Uint8Array(buffer);
    case 'u2':
      return new Uint16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
  }
}

function swap(bytes: Buffer, width: number): void {
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else if (width === 8) bytes.swap64();
}
