import { readLabelsFile } from './labelsFile';
import { MemorySink, type RawData, type SampleSink, type Source, type Table } from './rawData';

/** Reads a whole table into memory, by what reads its rows one by one. */
export async function readTable(
  source: Source,
  readRows: (source: Source, sink: SampleSink) => Promise<Table>,
): Promise<RawData> {
  const sink = new MemorySink();
  const table = await readRows(source, sink);
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
    file: source.file,
  };
}
