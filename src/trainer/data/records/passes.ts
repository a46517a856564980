import { nextTurn } from '../../turns';
import { checkFiniteFrom } from '../checkFinite';
import { ColumnMeasure, type FeatureScale } from '../normalize';
import type { RawRecords } from './rawRecords';
import { typeBytes, type RecordFile } from './recordFile';
import { RecordReader } from './recordReader';
import type { RowMap } from './rowMap';

/** Passes over all records, in file order and constant memory, that yield to the event loop. */

type Piece = { readonly first: number; readonly rows: number; readonly values: Float64Array };

/** @param onRead called with the number of bytes read */
export async function eachPiece(
  records: RecordFile,
  visit: (piece: Piece) => void,
  onRead?: (bytes: number) => void,
): Promise<void> {
  const reader = new RecordReader(records);
  try {
    for (const piece of reader.chunks()) {
      visit(piece);
      onRead?.(piece.values.length * typeBytes[records.type]);
      await nextTurn();
    }
  } finally {
    reader.close();
  }
}

/** Refuses features that are not finite; whole numbers always are. */
export async function checkFiniteRecords(
  raw: RawRecords,
  onRead?: (bytes: number) => void,
): Promise<void> {
  const { features } = raw;
  if (features.type !== 'f4' && features.type !== 'f8') return;
  await eachPiece(
    features,
    ({ first, values }) => {
      checkFiniteFrom(values, first, raw);
    },
    onRead,
  );
}

/** Measures the columns of the rows that train: the same bits as of all of them in memory. */
export async function measureRecords(
  { features, sampleShape }: RawRecords,
  train: { readonly count: number; readonly rows: RowMap },
  onRead?: (bytes: number) => void,
): Promise<FeatureScale> {
  const columns = sampleShape.at(-1) ?? 1;
  const { width } = features;
  const measure = new ColumnMeasure(columns, train.count * (width / columns));
  const eachTrainRow = (visit: (row: Float32Array) => void) =>
    eachPiece(
      features,
      ({ first, rows, values }) => {
        const rounded = Float32Array.from(values);
        for (let row = 0; row < rows; row++) {
          if (train.rows.has(first + row)) visit(rounded.subarray(row * width, (row + 1) * width));
        }
      },
      onRead,
    );
  await eachTrainRow((row) => {
    measure.addToMean(row);
  });
  await eachTrainRow((row) => {
    measure.addToDeviation(row);
  });
  const { mean, inverse } = measure.scale();
  return { kind: 'columns', mean: [...mean], inverse: [...inverse] };
}
