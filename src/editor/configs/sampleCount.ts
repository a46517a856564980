import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { valueAt } from '../../config/jsonText';
import { stringAt } from './configDocument';

/** Text data above this is not counted: a hover must not read gigabytes. */
const maxTextBytes = 64 * 2 ** 20;
const maxImages = 200_000;
const headBytes = 16 * 2 ** 10;
const imageName = /\.(png|jpe?g)$/i;
const defaultValidation = 0.2;

/** What is known of a config's data without loading it. */
export interface DataOutline {
  /** Training samples, validation taken off. */
  readonly samples: number;
  /** Null where they are in a file of their own that does not show it. */
  readonly validationSamples: number | null;
  /** Shape of one sample's features as the file has them; null where only loading shows it. */
  readonly features: readonly number[] | null;
}

/**
 * Sizes of a config's data from headers and line counts alone. Null where those do not show it:
 * modules, missing or huge files, archives.
 * @param config the config as parsed, unchecked
 */
export async function outlineData(
  config: unknown,
  configFile: string,
): Promise<DataOutline | null> {
  const train = stringAt(config, 'data', 'train');
  if (train === null) return null;
  const absolute = (file: string) => path.resolve(path.dirname(configFile), file);
  const total = await countSamples(absolute(train), tableOf(config));
  if (total === null) return null;
  const features = await featuresOf(config, absolute(train));
  const validation = valueAt(config, ['data', 'validation']) ?? defaultValidation;
  if (typeof validation === 'string') {
    const validationSamples = await countSamples(absolute(validation), tableOf(config));
    return { samples: total, validationSamples, features };
  }
  if (typeof validation !== 'number' || !(validation > 0 && validation < 1)) return null;
  // As the trainer splits: at least one sample on each side.
  const kept = total < 2 ? 0 : Math.min(total - 1, Math.max(1, Math.round(total * validation)));
  return { samples: total - kept, validationSamples: kept, features };
}

/** How the rows of a table become samples. */
interface TableRows {
  /** `data.header`; default `auto`. */
  readonly header?: string | null;
  /** Rows that are not the last of a sample with a label, by `data.window`. */
  readonly beyondWindow?: number;
}

function tableOf(config: unknown): TableRows {
  const size = valueAt(config, ['data', 'window', 'size']);
  const ahead = valueAt(config, ['data', 'window', 'ahead']) ?? 1;
  const isWindowed = typeof size === 'number' && typeof ahead === 'number';
  return {
    header: stringAt(config, 'data', 'header'),
    beyondWindow: isWindowed ? size - 1 + ahead : 0,
  };
}

/** Samples in one data file or folder of images; null where only loading it would show that. */
export async function countSamples(
  file: string,
  { header = null, beyondWindow = 0 }: TableRows = {},
): Promise<number | null> {
  try {
    const info = await stat(file);
    if (info.isDirectory()) return await countImages(file);
    const { name, zipped } = nameOf(file);
    if (/\.(csv|tsv)$/.test(name)) {
      const lines = await countLines(file, info.size, zipped, true);
      if (lines === null) return null;
      const headers = (await hasHeader(file, name, zipped, header)) ? 1 : 0;
      return Math.max(0, lines - headers - beyondWindow);
    }
    if (/\.jsonl$/.test(name)) return await countLines(file, info.size, zipped, false);
    const lengths = await lengthsOf(file);
    return lengths?.[0] ?? null;
  } catch {
    return null; // missing, unreadable or truncated: diagnostics report it
  }
}

function nameOf(file: string): { name: string; zipped: boolean } {
  const lower = file.toLowerCase();
  return { name: lower.replace(/\.gz$/, ''), zipped: lower.endsWith('.gz') };
}

async function featuresOf(config: unknown, file: string): Promise<readonly number[] | null> {
  try {
    const { name, zipped } = nameOf(file);
    // What a window holds of a row is for the reader of the data.
    if (valueAt(config, ['data', 'window']) !== undefined) return null;
    if (/\.(csv|tsv)$/.test(name)) {
      const columns = valueAt(config, ['data', 'features']);
      if (Array.isArray(columns) && columns.length > 0) return [columns.length];
      const head = (await firstBytes(file, headBytes, zipped)).toString('utf8');
      const label = stringAt(config, 'data', 'label');
      return numericColumns(head, name.endsWith('.tsv') ? '\t' : ',', label);
    }
    const lengths = await lengthsOf(file);
    return lengths && lengths.length > 1 ? lengths.slice(1) : null;
  } catch {
    return null;
  }
}

/** As the config says; else a first line of numbers alone is data. */
async function hasHeader(
  file: string,
  name: string,
  zipped: boolean,
  header: string | null,
): Promise<boolean> {
  if (header === 'none' || header === 'firstRow') return header === 'firstRow';
  const head = (await firstBytes(file, headBytes, zipped)).toString('utf8');
  const [first = ''] = head.replace(/^\uFEFF/, '').split(/\r?\n/);
  const cells = first.split(name.endsWith('.tsv') ? '\t' : ',').map((cell) => cell.trim());
  return cells.some((cell) => cell === '' || !Number.isFinite(Number(cell)));
}

/** Columns whose first value is a number, the label left out. */
function numericColumns(head: string, delimiter: string, label: string | null): number[] | null {
  const [names = '', values = ''] = head.replace(/^\uFEFF/, '').split(/\r?\n/);
  const cells = (line: string) => line.split(delimiter).map((cell) => cell.trim());
  // Quotes may hold delimiters: what is in them is for the reader of the data.
  if (`${names}${values}`.includes('"')) return null;
  const first = cells(values);
  const numeric = cells(names).filter((name, at) => {
    const value = first[at] ?? '';
    return name !== label && value !== '' && Number.isFinite(Number(value));
  });
  return numeric.length > 0 ? [numeric.length] : null;
}

/** Lengths of an array in IDX or NPY along its axes, samples first. */
async function lengthsOf(file: string): Promise<readonly number[] | null> {
  const { name, zipped } = nameOf(file);
  if (name.endsWith('.npy')) return npyLengths(await firstBytes(file, 4096, zipped));
  return idxLengths(await firstBytes(file, 64, zipped));
}

/** IDX: two zero bytes, a type, the number of dimensions, then sizes as big-endian uint32. */
function idxLengths(head: Buffer): readonly number[] | null {
  if (head.length < 8 || head[0] !== 0 || head[1] !== 0) return null;
  const type = head[2] ?? 0;
  const axes = head[3] ?? 0;
  if (type < 0x08 || type > 0x0e || axes === 0) return null;
  const known = Math.min(axes, Math.floor((head.length - 4) / 4));
  return Array.from({ length: known }, (_, axis) => head.readUInt32BE(4 + 4 * axis));
}

/** NPY: the header is a Python dict that holds `'shape': (1437, 8)`. */
function npyLengths(head: Buffer): readonly number[] | null {
  if (head.length < 12 || head.toString('latin1', 1, 6) !== 'NUMPY') return null;
  const shape = /'shape':\s*\(([\d, ]+)\)/.exec(head.toString('latin1'))?.[1];
  const lengths = shape?.split(',').flatMap((each) => (each.trim() ? [Number(each)] : []));
  return lengths && lengths.length > 0 ? lengths : null;
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

/** Lines that are not blank; the line breaks in quotes of a table are not counted. */
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
  return lines;
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
