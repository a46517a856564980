import { readLabelsFile } from './labelsFile';
import { MemorySink, type RawData, type Source } from './rawData';
import { readRows, type RowSource } from './table/readRows';

/** Reads a whole table into memory, by what reads its rows one by one. */
export async function readTable(
  source: Source,
  open: (source: Source) => Promise<RowSource>,
): Promise<RawData> {
  const sink = new MemorySink();
  const table = await readRows(source, open, sink);
  const labels = sink.labels(table, table.labels ? null : await readLabelsFile(source));
  const { count, sampleShape, featureNames } = table;
  const features = sink.features.toArray();
  return {
    count,
    sampleShape,
    features,
    scale: 'columns',
    featureNames,
    labels,
    table: table.table,
    inTime: table.inTime,
    file: source.file,
  };
}
