import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync } from 'node:zlib';
import { refuse, type Source } from './rawData';
import { causeOf } from '../../core/text/errorText';

const chunkBytes = 2 ** 26;

/** The whole file, also above the 2 GiB that `readFile` takes, added to the hash. */
export async function readBytes(file: string, hash: Hash): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(size);
    let read = 0;
    while (read < size) {
      const length = Math.min(chunkBytes, size - read);
      const { bytesRead } = await handle.read(bytes, read, length, read);
      if (bytesRead === 0) break;
      hash.update(bytes.subarray(read, read + bytesRead));
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await handle.close();
  }
}

/** The first bytes of a file, to detect its format. */
export async function readStart(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The file's bytes, unpacked where they are gzip; the hash is of the bytes as they lie on disk. */
export async function readUnpacked(file: string, source: Source): Promise<Uint8Array> {
  const bytes = await readBytes(file, source.hash);
  if (!isGzip(bytes)) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    const cause = causeOf(error);
    return refuse('dataGzip', { path: source.name, cause }, { file });
  }
}

/** The first bytes of what a file holds, unpacked where it is gzip. */
export async function unpackedStart(file: string, length: number): Promise<Uint8Array> {
  const start = await readStart(file, length);
  if (!isGzip(start)) return start;
  // A truncated stream yields what it has; the error is reported when the file is read.
  const unpacked = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
  return unpacked.subarray(0, length);
}

/**
 * A file as a stream of bytes, unpacked where it is gzip and counted on its way.
 * @param hashed whether its bytes are added to the hash: in one of several readings
 */
export async function streamUnpacked(
  { hash, onRead }: Pick<Source, 'hash' | 'onRead'>,
  file: string,
  hashed = true,
): Promise<Readable> {
  const packed = isGzip(await readStart(file, 2));
  const stream = createReadStream(file);
  stream.on('data', (chunk) => {
    if (hashed) hash.update(chunk);
    onRead?.(chunk.length);
  });
  if (!packed) return stream;
  const unpacked = createGunzip();
  stream.on('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}
