import { createReadStream as openStream } from 'node:fs';
import {
  open as openFile,
  realpath as realpathOf,
  stat as statOf,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

/**
 * Takes the place of node:fs in the readers of data that are fuzzed: what is read are files that were
 * put here, for opening one on disk costs more than reading it. Other files are those of the disk.
 */

export * from 'node:fs/promises';
export {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';

const files = new Map<string, Uint8Array>();
const folders = new Set<string>();
const chunkBytes = 2 ** 16;

/** Puts a file; its folder is taken for a real one. */
export function put(file: string, bytes: Uint8Array): void {
  files.set(file, bytes);
  folders.add(path.dirname(file));
}

function statsOf({ length: size }: Uint8Array) {
  return { size, mtimeMs: 0, isFile: () => true, isDirectory: () => false };
}

class MemoryHandle {
  readonly fd = -1;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  stat() {
    return Promise.resolve(statsOf(this.#bytes));
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number) {
    const part = this.#bytes.subarray(position, position + length);
    buffer.set(part, offset);
    return Promise.resolve({ bytesRead: part.length, buffer });
  }

  close() {
    return Promise.resolve();
  }
}

export function open(file: string, flags?: string): Promise<FileHandle> {
  const bytes = files.get(file);
  if (!bytes) return openFile(file, flags);
  return Promise.resolve(new MemoryHandle(bytes) as unknown as FileHandle);
}

export function stat(file: string): Promise<Pick<ReturnType<typeof statsOf>, 'size'>> {
  const bytes = files.get(file);
  return bytes ? Promise.resolve(statsOf(bytes)) : statOf(file);
}

export function realpath(file: string): Promise<string> {
  return files.has(file) || folders.has(file) ? Promise.resolve(file) : realpathOf(file);
}

export function createReadStream(file: string): Readable {
  const bytes = files.get(file);
  if (!bytes) return openStream(file);
  let at = 0;
  return new Readable({
    read() {
      const chunk = bytes.subarray(at, at + chunkBytes);
      at += chunk.length;
      this.push(chunk.length > 0 ? Buffer.from(chunk) : null);
    },
  });
}
