import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import {
  announcedBytes,
  headerBytes,
  isGzip,
  readBytes,
  readStart,
  streamUnpacked,
  unpackedArray,
} from '../fileBytes';
import { lacksChannel } from '../arrays';
import { idxLayout, isIdx } from '../idx';
import { labelsFileOf } from '../labelsFile';
import { isNpy, npyLayout, parseNpy } from '../npy';
import { dataKey, product, refuse, type Numbers, type RawLabels, type Source } from '../rawData';
import { writeLabels } from './labelWriter';
import type { RawRecords, RecordLabels, Workplace } from './rawRecords';
import { stampOf, type RecordFile } from './recordFile';
import { RecordWriter, writeAll } from './recordWriter';

/** An array on disk, or read into memory where it cannot be read row by row. */
type FoundArray =
  | { readonly shape: readonly number[]; readonly records: RecordFile; readonly isBytes: boolean }
  | { readonly inMemory: RawLabels };

/** An array of features, IDX or NPY, read where it lies; unpacked into a cache file where it is gzip. */
export async function arrayRecords(place: Workplace): Promise<RawRecords> {
  const { source } = place;
  const found = await findArray(place, source.file, source.name, source.key);
  const { shape, records, isBytes } =
    'inMemory' in found ? await writeFeatures(place, found.inMemory) : found;
  const [count, ...own] = shape;
  if (count === undefined) refuse('dataScalar', { path: source.name }, { file: source.file });
  const isBare = isBytes && !isNpy(await readStart(records.file, 8));
  const isImage = own.length === 2 && (isBare || lacksChannel(source, own));
  return {
    count,
    sampleShape: isImage ? [...own, 1] : own.length === 0 ? [1] : own,
    features: records,
    scale: isBytes ? 'bytes' : 'columns',
    featureNames: null,
    labels: await labelsFileRecords(place),
    file: source.file,
  };
}

/** Labels that are a file of their own. */
export async function labelsFileRecords(place: Workplace): Promise<RecordLabels> {
  const { source } = place;
  const file = labelsFileOf(source);
  const found = await findArray(place, file, source.labelsKey, source.labelsKey);
  if ('inMemory' in found) {
    const { inMemory } = found;
    if (inMemory.kind === 'numbers' && inMemory.shape.length === 0)
      refuse('dataScalar', { path: file }, { file });
    return writeLabels(inMemory, place);
  }
  if (found.shape.length === 0) refuse('dataScalar', { path: file }, { file });
  return { kind: 'numbers', shape: found.shape.slice(1), records: found.records };
}

async function findArray(
  place: Workplace,
  file: string,
  name: string,
  key: Source['key'] | Source['labelsKey'],
): Promise<FoundArray> {
  const { source } = place;
  const unpacked = await throughHash(place, file, name, key);
  const start = await readStart(unpacked, headerBytes);
  const { size } = await stat(unpacked);
  const shown = { file };
  const recordsOf = async (
    layout: Pick<RecordFile, 'offset' | 'type' | 'bigEndian'>,
    [count = 0, ...own]: readonly number[],
  ): Promise<RecordFile> => ({
    ...layout,
    file: unpacked,
    count,
    width: product(own),
    stamp: await stampOf(unpacked),
  });
  if (isNpy(start) || /\.npy(\.gz)?$/i.test(file)) {
    const { shape, offset, type, isBytes, fortranOrder } = npyLayout(start, size, name, shown);
    if (type === null || (fortranOrder && shape.length > 1)) {
      const bytes = await readBytes(unpacked, createHash('sha256'));
      return { inMemory: parseNpy(bytes, name, shown) };
    }
    return { shape, isBytes, records: await recordsOf({ offset, type, bigEndian: false }, shape) };
  }
  if (!isIdx(start)) {
    const values = { path: key === source.key ? source.name : file };
    refuse('dataFormatUnknown', values, dataKey(source, key));
  }
  const { shape, offset, type } = idxLayout(start, size, name, shown);
  const records = await recordsOf({ offset, type, bigEndian: true }, shape);
  return { shape, records, isBytes: type === 'u1' };
}

/** Reads a file to its end for its hash; unpacks it where it is gzip. Returns where it lies then. */
async function throughHash(
  { source, folder }: Workplace,
  file: string,
  name: string,
  key: Source['key'] | Source['labelsKey'],
): Promise<string> {
  if (!isGzip(await readStart(file, 2))) {
    await finished((await streamUnpacked(source, file)).resume());
    return file;
  }
  const announced = await announcedBytes(file, name);
  if (announced === null) {
    const values = { path: key === source.key ? source.name : file };
    return refuse('dataFormatUnknown', values, dataKey(source, key));
  }
  const unpacked = path.join(folder, `${key}.unpacked`);
  const descriptor = openSync(unpacked, 'wx', 0o600);
  try {
    for await (const chunk of unpackedArray(source, file, name, announced))
      writeAll(descriptor, chunk, unpacked);
  } finally {
    closeSync(descriptor);
  }
  return unpacked;
}

async function writeFeatures({ source, folder }: Workplace, array: RawLabels) {
  if (array.kind === 'texts')
    refuse('dataTextFeatures', { path: source.name }, { file: source.file });
  return writeNumbers(path.join(folder, 'features'), array);
}

/** Writes an array that was read into memory; its values become float32, as all features do. */
export async function writeNumbers(file: string, { shape, values, isBytes }: Numbers) {
  const writer = new RecordWriter(file, isBytes ? 'u1' : 'f4');
  writer.pushAll(values);
  return { shape, isBytes, records: await writer.finish(product(shape.slice(1))) };
}
