import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { formatBytes } from '../../core/text/format';
import { ProblemError, type Place } from '../../core/text/problem';
import { availableProcessBytes } from '../memory/processMemory';
import { mostDeflated } from '../zipArchive';
import { idxLayout, isIdx } from './idx';
import { isNpy, npyLayout } from './npy';
import { refuse, type Source } from './rawData';
import { causeOf } from '../../core/text/errorText';

const chunkBytes = 2 ** 26;
/** More than the header of any array takes. */
export const headerBytes = 2 ** 16;
/** Less is not worth asking whether memory is free for it. */
const smallBytes = 2 ** 26;

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

/**
 * The bytes of a file that holds an array, unpacked where they are gzip, and then no further than
 * the array's header announces. The hash is of the bytes as they lie on disk.
 * @param name how sentences call the file
 */
export async function readArrayFile(
  file: string,
  name: string,
  source: Source,
): Promise<Uint8Array> {
  const packed = isGzip(await readStart(file, 2));
  if (!packed) {
    requireMemory((await stat(file)).size, name, { file });
    return readBytes(file, source.hash);
  }
  const announced = await announcedBytes(file, name);
  if (announced === null) return new Uint8Array(0);
  requireMemory(announced, name, { file });
  const most = mostDeflated * (await stat(file)).size;
  const bytes = new Uint8Array(Math.min(announced, most));
  let filled = 0;
  for await (const chunk of unpackedArray(source, file, name, announced)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes.subarray(0, filled);
}

/** The bytes of an array in a gzip file; refused once they are more than its header announces. */
export async function* unpackedArray(
  source: Source,
  file: string,
  name: string,
  announced: number,
): AsyncGenerator<Uint8Array> {
  const stream = await streamUnpacked(source, file);
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > announced) refuse('dataUnpacksLonger', { path: name, announced }, { file });
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ProblemError || !isZlibError(error)) throw error;
    refuse('dataGzip', { path: name, cause: causeOf(error) }, { file });
  } finally {
    stream.destroy();
  }
}

/** How long the header of an array says that the file is, unpacked; null for what is no array. */
export async function announcedBytes(file: string, name: string): Promise<number | null> {
  const start = await unpackedStart(file, headerBytes);
  if (isNpy(start)) return npyLayout(start, null, name, { file }).fileBytes;
  return isIdx(start) ? idxLayout(start, null, name, { file }).fileBytes : null;
}

/** Refuses what does not fit into the memory that is free, before it is read. */
export function requireMemory(bytes: number, name: string, place: Place): void {
  const available = bytes < smallBytes ? Infinity : Math.max(0, availableProcessBytes());
  if (bytes <= available) return;
  const values = { path: name, needed: formatBytes(bytes), free: formatBytes(available) };
  refuse('dataBeyondMemory', values, place);
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_|^ERR_Z/.test(String(error.code));
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
