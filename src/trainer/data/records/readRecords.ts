import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readNpz } from '../arrays';
import { formatOf, tableFormats } from '../formats';
import type { RawData } from '../rawData';
import { arrayRecords, writeNumbers } from './arrayRecords';
import { imageRecords } from './imageRecords';
import { writeLabels } from './labelWriter';
import type { RawRecords, Workplace } from './rawRecords';
import { tableRecords } from './tableRecords';

/** Reads data of any format except modules, in constant memory (except for .npz). */
export async function readRecords(place: Workplace): Promise<RawRecords> {
  const { source, folder } = place;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await stat(source.file)).isDirectory()) return imageRecords(place);
  const format = await formatOf(source);
  switch (format) {
    case 'npz':
      return writeRaw(await readNpz(source), place);
    case 'npy':
    case 'idx':
      return arrayRecords(place);
    case 'delimited':
    case 'json':
    case 'parquet':
    case 'arrow':
      return tableRecords(place, tableFormats[format]);
  }
}

/** Writes data that was read into memory. */
export async function writeRaw(raw: RawData, place: Workplace): Promise<RawRecords> {
  const { count, sampleShape, features: values } = raw;
  const { records } = await writeNumbers(path.join(place.folder, 'features'), {
    kind: 'numbers',
    shape: [count, ...sampleShape],
    values,
    isBytes: false,
  });
  return { ...raw, features: records, labels: await writeLabels(raw.labels, place) };
}
