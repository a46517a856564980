import path from 'node:path';
import { product, type Source } from '../rawData';
import { readRows, type RowSource } from '../table/readRows';
import { labelsFileRecords } from './arrayRecords';
import { LabelWriter } from './labelWriter';
import type { RawRecords, Workplace } from './rawRecords';
import { RecordWriter } from './recordWriter';

/** Parses a text file row by row into a cache file of float32 rows. */
export async function tableRecords(
  place: Workplace,
  open: (source: Source) => Promise<RowSource>,
): Promise<RawRecords> {
  const { source, folder } = place;
  const features = new RecordWriter(path.join(folder, 'features'), 'f4');
  const writer = new LabelWriter(place);
  // As in memory, where labels that come one by one are float32.
  const numbers = {
    push: (value: number) => {
      writer.numbers.push(Math.fround(value));
    },
  };
  const table = await readRows(source, open, { features, texts: writer.texts, numbers });
  const { count, sampleShape, featureNames } = table;
  const written = await writer.finish(table);
  return {
    count,
    sampleShape,
    features: await features.finish(product(sampleShape)),
    scale: 'columns',
    featureNames,
    table: table.table,
    inTime: table.inTime,
    labels: table.labels ? written : await labelsFileRecords(place),
    file: source.file,
  };
}
