import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { stringAt, valueAt } from './configDocument';

/** Text data above this is not counted: a hover must not read gigabytes. */
const maxTextBytes = 64 * 2 ** 20;
const maxImages = 200_000;
const imageName = /\.(png|jpe?g)$/i;
const defaultValidation = 0.2;

/**
 * Training samples of a config's data, validation taken off, from headers and line counts alone.
 * Null where that does not tell: modules, missing or huge files, archives.
 * @param config the config as parsed, unchecked
 */
export async function countTrainingSamples(
  config: unknown,
  configFile: string,
): Promise<number | null> {
  const train = stringAt(config, 'data', 'train');
  if (train === null) return null;
  const total = await countSamples(path.resolve(path.dirname(configFile), train));
  if (total === null) return null;
  const validation = valueAt(config, ['data', 'validation']) ?? defaultValidation;
  if (typeof validation === 'string') return total;
  if (typeof validation !== 'number' || !(validation > 0 && validation < 1)) return null;
  if (total < 2) return total;
  // As the trainer splits: at least one sample on each side.
  return total - Math.min(total - 1, Math.max(1, Math.round(total * validation)));
}

/** Samples in one data file or folder of images; null where only loading it would tell. */
export async function countSamples(file: string): Promise<number | null> {
  try {
    const info = await stat(file);
    if (info.isDirectory()) return await countImages(file);
    const name = file.toLowerCase().replace(/\.gz$/, '');
    const zipped = file.toLowerCase().endsWith('.gz');
    if (/\.(csv|tsv)$/.test(name)) return await countLines(file, info.size, zipped, true);
    if (/\.jsonl$/.test(name)) return await countLines(file, info.size, zipped, false);
    if (/\.npy$/.test(name)) return npySamples(await firstBytes(file, 4096, zipped));
    return idxSamples(await firstBytes(file, 8, zipped));
  } catch {
    return null; // missing, unreadable or cut short: diagnostics tell, not the arithmetic
  }
}

/** IDX: two zero bytes, a type, the number of dimensions, then sizes as big-endian uint32. */
function idxSamples(head: Buffer): number | null {
  if (head.length < 8 || head[0] !== 0 || head[1] !== 0) return null;
  const type = head[2] ?? 0;
  return type >= 0x08 && type <= 0x0e && (head[3] ?? 0) > 0 ? head.readUInt32BE(4) : null;
}

/** NPY: the header is a Python dict that holds `'shape': (1437, 8)`. */
function npySamples(head: Buffer): number | null {
  if (head.length < 12 || head.toString('latin1', 1, 6) !== 'NUMPY') return null;
  const samples = /'shape':\s*\((\d+)/.exec(head.toString('latin1'))?.[1];
  return samples === undefined ? null : Number(samples);
}

async function firstBytes(file: string, count: number, zipped: boolean): Promise<Buffer> {
  if (zipped) {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of unzipped(file)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) break;
    }
    return Buffer.concat(chunks).subarray(0, count);
  }
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* unzipped(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Lines that are not blank, quoted line breaks not counted, the header of a table taken off. */
async function countLines(
  file: string,
  size: number,
  zipped: boolean,
  table: boolean,
): Promise<number | null> {
  if (size > maxTextBytes) return null;
  const [lineFeed, carriageReturn, quote, space, tab] = [10, 13, 34, 32, 9];
  let lines = 0;
  let quoted = false;
  let blank = true;
  let read = 0;
  const chunks: AsyncIterable<Buffer> = zipped ? unzipped(file) : createReadStream(file);
  for await (const chunk of chunks) {
    read += chunk.length;
    if (read > maxTextBytes) return null;
    for (const byte of chunk) {
      if (table && byte === quote) quoted = !quoted;
      if (!quoted && byte === lineFeed) {
        if (!blank) lines++;
        blank = true;
      } else if (byte !== carriageReturn && byte !== space && byte !== tab) blank = false;
    }
  }
  if (!blank) lines++;
  return Math.max(0, table ? lines - 1 : lines);
}

/** Images in the folders of one class each. */
async function countImages(folder: string): Promise<number | null> {
  let images = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const names = await readdir(path.join(folder, entry.name));
    images += names.filter((name) => imageName.test(name)).length;
    if (images > maxImages) return null;
  }
  return images > 0 ? images : null;
}
