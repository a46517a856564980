import { zipSync } from 'fflate';

type Typed =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Int16Array
  | Int8Array;

/** A NumPy array file, version 1.0. */
export function npy(
  type: string,
  shape: readonly number[],
  values: Typed | Uint8Array,
  fortranOrder = false,
): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const order = fortranOrder ? 'True' : 'False';
  const dict = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${tuple}, }`;
  const padding = 64 - ((10 + dict.length + 1) % 64);
  const header = Buffer.from(`${dict}${' '.repeat(padding)}\n`, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, header, body]);
}

export function npz(arrays: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync(
    Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])),
  );
}

/** An IDX file of unsigned bytes (type 8) or big-endian 32-bit integers (type 12). */
export function idx(
  type: 0x08 | 0x0c,
  shape: readonly number[],
  values: readonly number[],
): Buffer {
  const width = type === 0x08 ? 1 : 4;
  const bytes = Buffer.alloc(4 + 4 * shape.length + width * values.length);
  bytes.writeUInt8(type, 2);
  bytes.writeUInt8(shape.length, 3);
  shape.forEach((size, axis) => bytes.writeUInt32BE(size, 4 + 4 * axis));
  values.forEach((value, index) => {
    const at = 4 + 4 * shape.length + width * index;
    if (type === 0x08) bytes.writeUInt8(value, at);
    else bytes.writeInt32BE(value, at);
  });
  return bytes;
}

/** A CSV file in which every cell is quoted where it must be. */
export function csv(rows: readonly (readonly (string | number)[])[], end = '\n'): string {
  const cell = (value: string | number) =>
    /[",\r\n]|^\s|\s$/.test(String(value))
      ? `"${String(value).replaceAll('"', '""')}"`
      : String(value);
  return rows.map((row) => row.map(cell).join(',')).join(end) + end;
}
