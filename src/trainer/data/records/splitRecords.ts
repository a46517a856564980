import path from 'node:path';
import type { LabelCode } from '../labels';
import { dataKey, refuse, type Source } from '../rawData';
import { splitInTime, splitSamples } from '../split';
import { eachPiece } from './passes';
import type { RawRecords } from './rawRecords';
import { RecordWriter } from './recordWriter';
import { mostListed } from './rowMap';
import type { StreamedSamples } from './streamedDataset';

/** What a split needs of the samples that readers found. */
export interface SplitRequest {
  readonly source: Source;
  readonly train: RawRecords;
  /** Share of the samples that validation gets. */
  readonly fraction: number;
  readonly seed: number;
  /** An existing folder for lists of rows. */
  readonly folder: string;
}

export type Side = Pick<StreamedSamples, 'count' | 'rows'>;

/**
 * Splits validation samples off. Up to `mostListed` samples it is the split that data in memory
 * gets; beyond, one drawn from all samples alike, whatever their class, that takes no memory.
 */
export async function splitRecords(
  { train, fraction, seed, folder, source }: SplitRequest,
  code: LabelCode,
  encodings: StreamedSamples['encodings'],
): Promise<{ readonly train: Side; readonly validation: Side }> {
  const { count } = train;
  if (count < 2) refuse('dataTooFew', { samples: count }, dataKey(source, 'train'));
  if (count > mostListed && train.inTime !== true) {
    const wanted = Math.min(count - 1, Math.max(1, Math.round(count * fraction)));
    const from = (start: number) => ({ kind: 'computed' as const, of: count, seed, start });
    return {
      train: { count: count - wanted, rows: from(wanted) },
      validation: { count: wanted, rows: from(0) },
    };
  }
  const classOf = code.classes && (await classReader(train.labels.records, code, encodings));
  const split =
    train.inTime === true
      ? splitInTime(count, fraction)
      : splitSamples(count, fraction, seed, classOf);
  const listed = async (name: string, rows: Uint32Array): Promise<Side> => {
    const writer = new RecordWriter(path.join(folder, `${name}.rows`), 'u4');
    writer.pushAll(rows);
    return { count: rows.length, rows: { kind: 'listed', rows: await writer.finish(1) } };
  };
  return {
    train: await listed('train', split.train),
    validation: await listed('validation', split.validation),
  };
}

/** The class of a sample: its index, or where its row is largest. Sequences of labels are not stratified. */
async function classReader(
  labels: StreamedSamples['labels'],
  { shape, classes }: LabelCode,
  encodings: StreamedSamples['encodings'],
): Promise<((sample: number) => number) | null> {
  const [width = 1] = shape;
  if (shape.length > 1 || (shape.length === 1 && width !== classes?.length)) return null;
  const encoding = encodings && new Map(encodings);
  const found = new Uint32Array(labels.count);
  await eachPiece(labels, ({ first, rows, values }) => {
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * labels.width, (row + 1) * labels.width);
      const [only = 0] = own;
      found[first + row] =
        shape.length === 0 ? (encoding?.get(only) ?? only) : own.indexOf(Math.max(...own));
    }
  });
  return (sample) => found[sample] ?? 0;
}
