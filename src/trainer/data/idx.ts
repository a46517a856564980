import type { MessageId } from '../../core/text/messages';
import type { Place, Values } from '../../core/text/problem';
import type { RecordType } from './records/recordFile';
import { product, refuse, shapeText, type NumberArray, type Numbers } from './rawData';

interface ValueType {
  readonly bytes: number;
  make(count: number): NumberArray;
  read(view: DataView, at: number): number;
}

/** Value types by their code in the header; all are big-endian (http://yann.lecun.com/exdb/mnist/). */
const types: Readonly<Record<number, ValueType>> = {
  0x08: { bytes: 1, make: (count) => new Uint8Array(count), read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, make: (count) => new Int8Array(count), read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, make: (count) => new Int16Array(count), read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, make: (count) => new Int32Array(count), read: (view, at) => view.getInt32(at) },
  0x0d: {
    bytes: 4,
    make: (count) => new Float32Array(count),
    read: (view, at) => view.getFloat32(at),
  },
  0x0e: {
    bytes: 8,
    make: (count) => new Float64Array(count),
    read: (view, at) => view.getFloat64(at),
  },
};

const unsignedByte = 0x08;

export function isIdx(bytes: Uint8Array): boolean {
  const [first, second, type = 0, rank = 0] = bytes;
  return first === 0 && second === 0 && Object.hasOwn(types, type) && rank > 0 && rank <= 8;
}

/** NumPy's names of the types. */
const typeNames: Readonly<Record<number, RecordType>> = {
  0x08: 'u1',
  0x09: 'i1',
  0x0b: 'i2',
  0x0c: 'i4',
  0x0d: 'f4',
  0x0e: 'f8',
};

/** Where the values of an IDX file lie. */
interface IdxLayout {
  readonly shape: readonly number[];
  readonly type: RecordType;
  /** Where the values start. */
  readonly offset: number;
  /** Bytes of the whole file, its header included, as the header announces them. */
  readonly fileBytes: number;
}

/**
 * Reads the header of an IDX file and checks it against the file's size.
 * @param start the first bytes, the whole header among them
 * @param fileBytes the file's size; null where it is not known yet and not checked
 */
export function idxLayout(
  start: Uint8Array,
  fileBytes: number | null,
  name: string,
  place: Place,
): IdxLayout {
  const bad = (cause: MessageId, values: Values = {}): never =>
    refuse('dataIdxHeader', { path: name, cause, ...values }, place);
  if (!isIdx(start)) bad('causeIdxMagic');
  const code = start[2] ?? 0;
  const { bytes } = types[code] ?? bad('causeIdxType');
  const rank = start[3] ?? 0;
  const offset = 4 + 4 * rank;
  if (start.byteLength < offset) bad('causeHeaderCut');
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = product(shape);
  if (!Number.isSafeInteger(count)) bad('causeShape', { shape: shapeText(shape) });
  const expected = count * bytes;
  if (fileBytes !== null && fileBytes - offset !== expected)
    refuse('dataIdxLength', { path: name, expected, found: fileBytes - offset }, place);
  return { shape, type: typeNames[code] ?? 'u1', offset, fileBytes: offset + expected };
}

/** Reads an IDX file, the format of MNIST: a code, the sizes of the axes, then the values. */
export function parseIdx(bytes: Uint8Array, name: string, place: Place): Numbers {
  const { shape, offset } = idxLayout(bytes, bytes.byteLength, name, place);
  const code = bytes[2] ?? 0;
  const type = types[code];
  if (code === unsignedByte || !type) {
    return { kind: 'numbers', shape, values: bytes.subarray(offset), isBytes: true };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = product(shape);
  const values = type.make(count);
  for (let index = 0; index < count; index++) {
    values[index] = type.read(view, offset + index * type.bytes);
  }
  return { kind: 'numbers', shape, values, isBytes: false };
}
