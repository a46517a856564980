import type { MessageId } from '../../core/text/messages';
import type { Place, Values } from '../../core/text/problem';
import type { RecordType } from './records/recordFile';
import { inRowMajorOrder } from './rowMajor';
import {
  TextCollector,
  product,
  refuse,
  shapeText,
  type NumberArray,
  type RawLabels,
} from './rawData';

/** How a NumPy type is read; all are little-endian or of one byte. */
const numberTypes: Readonly<
  Record<
    string,
    {
      readonly bytes: number;
      view(buffer: ArrayBufferLike, at: number, count: number): NumberArray;
    }
  >
> = {
  f2: { bytes: 2, view: (buffer, at, count) => halves(new Uint16Array(buffer, at, count)) },
  f4: { bytes: 4, view: (buffer, at, count) => new Float32Array(buffer, at, count) },
  f8: { bytes: 8, view: (buffer, at, count) => new Float64Array(buffer, at, count) },
  i1: { bytes: 1, view: (buffer, at, count) => new Int8Array(buffer, at, count) },
  i2: { bytes: 2, view: (buffer, at, count) => new Int16Array(buffer, at, count) },
  i4: { bytes: 4, view: (buffer, at, count) => new Int32Array(buffer, at, count) },
  i8: {
    bytes: 8,
    view: (buffer, at, count) => Float64Array.from(new BigInt64Array(buffer, at, count), Number),
  },
  u1: { bytes: 1, view: (buffer, at, count) => new Uint8Array(buffer, at, count) },
  u2: { bytes: 2, view: (buffer, at, count) => new Uint16Array(buffer, at, count) },
  u4: { bytes: 4, view: (buffer, at, count) => new Uint32Array(buffer, at, count) },
  b1: { bytes: 1, view: (buffer, at, count) => new Uint8Array(buffer, at, count) },
};

/** IEEE 754 half precision: a sign, five bits of exponent and ten of fraction. */
function halves(stored: Uint16Array): Float32Array {
  return Float32Array.from(stored, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * 2 ** -24 * fraction;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
  });
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

interface Header {
  readonly type: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the values start. */
  readonly offset: number;
}

/** Where the values of a NumPy array file lie, and what they are. */
export interface NpyLayout {
  readonly shape: readonly number[];
  readonly offset: number;
  /** What reads it row by row; null for texts and half precision. */
  readonly type: RecordType | null;
  /** By NumPy's names, such as "f4". */
  readonly storedType: string;
  readonly isText: boolean;
  /** Unsigned bytes that are numbers, not truth values. */
  readonly isBytes: boolean;
  /** Bytes of one value. */
  readonly width: number;
  readonly fortranOrder: boolean;
  /** Bytes of the whole file, its header included, as the header announces them. */
  readonly fileBytes: number;
}

/**
 * Reads the header of a NumPy array file and checks it against the file's size.
 * @param start the first bytes, the whole header among them
 * @param fileBytes the file's size; null where it is not known yet and not checked
 * @param name how sentences call the file
 */
export function npyLayout(
  start: Uint8Array,
  fileBytes: number | null,
  name: string,
  place: Place,
): NpyLayout {
  const { shape, offset, type: found, fortranOrder } = parseHeader(start, name, place);
  const [, order = '', code = '', size = ''] = /^([<>|=])([a-zA-Z])(\d+)$/.exec(found) ?? [];
  const width = code === 'U' ? Number(size) * 4 : Number(size);
  const isNumber = Object.hasOwn(numberTypes, code + size);
  if (!(isNumber || (code === 'U' && width > 0)) || (order === '>' && width > 1)) {
    const expected =
      'float16, float32, float64, int8 to int64, uint8 to uint32 or bool, little-endian';
    refuse('dataNpyType', { path: name, found, expected }, place);
  }
  const expected = product(shape) * width;
  if (fileBytes !== null && fileBytes - offset !== expected) {
    const found = fileBytes - offset;
    refuse('dataNpyLength', { path: name, shape: shapeText(shape), expected, found }, place);
  }
  const storedType = code + size;
  const byRow = isNumber && storedType !== 'f2';
  const type = byRow ? (code === 'b' ? 'u1' : (storedType as RecordType)) : null;
  const isBytes = storedType === 'u1';
  return {
    ...{ shape, offset, type, storedType, isBytes, width, fortranOrder },
    isText: !isNumber,
    fileBytes: offset + expected,
  };
}

/**
 * Reads a NumPy array file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 * Values of the host's own layout are viewed, not copied.
 * @param name how sentences call it
 */
export function parseNpy(bytes: Uint8Array, name: string, place: Place): RawLabels {
  const layout = npyLayout(bytes, bytes.byteLength, name, place);
  const { shape, offset, isBytes, width } = layout;
  const count = product(shape);
  const type = numberTypes[layout.storedType];
  if (!type) return readTexts(bytes.subarray(offset), count, width);
  const { buffer, byteOffset } = aligned(bytes, offset, width);
  const stored = type.view(buffer, byteOffset, count);
  const values = layout.fortranOrder ? inRowMajorOrder(stored, shape) : stored;
  return { kind: 'numbers', shape, values, isBytes };
}

function parseHeader(bytes: Uint8Array, name: string, place: Place): Header {
  const bad = (cause: MessageId, values: Values = {}): never =>
    refuse('dataNpyHeader', { path: name, cause, ...values }, place);
  if (!isNpy(bytes)) bad('causeNpyMagic');
  const major = bytes[6] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = major === 1 ? 2 : 4;
  if (major < 1 || major > 3) bad('causeNpyVersion', { version: major });
  if (bytes.byteLength < 8 + lengthBytes) bad('causeHeaderCut');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const offset = 8 + lengthBytes + length;
  if (bytes.byteLength < offset) bad('causeHeaderCut');
  const text = new TextDecoder().decode(bytes.subarray(8 + lengthBytes, offset));
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? bad('causeNpyStructured');
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1] ?? bad('causeHeaderNotWhole');
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1] ?? bad('causeHeaderNoShape');
  const sizes = dimensions.split(',').flatMap((size) => (size.trim() === '' ? [] : [size.trim()]));
  if (!sizes.every((size) => /^\d+$/.test(size))) bad('causeHeaderNoShape');
  const shape = sizes.map(Number);
  if (!Number.isSafeInteger(product(shape))) bad('causeShape', { shape: shapeText(shape) });
  return { type, fortranOrder: order === 'True', shape, offset };
}

/** The bytes of the values, copied only where typed arrays could not view them in place. */
function aligned(bytes: Uint8Array, offset: number, width: number): Uint8Array {
  const values = bytes.subarray(offset);
  return values.byteOffset % width === 0 ? values : values.slice();
}

/** NumPy's fixed-width texts: UTF-32, padded with zeros. */
function readTexts(bytes: Uint8Array, count: number, width: number): RawLabels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts = new TextCollector();
  for (let index = 0; index < count; index++) {
    let text = '';
    for (let at = index * width; at < (index + 1) * width; at += 4) {
      const point = view.getUint32(at, true);
      if (point !== 0) text += String.fromCodePoint(point);
    }
    texts.push(text);
  }
  return texts.toTexts();
}
