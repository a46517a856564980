import type { LossName } from '../../../core/model/losses';
import type { Place } from '../../../core/text/problem';
import type { DataReading } from '../dataset';
import { classCounts, labelCodeOf, type LabelCode } from '../labels';
import type { FeatureScale } from '../normalize';
import { dataKey, product, refuse, shapeText } from '../rawData';
import { encodingsOf, surveyOf } from './labelRecords';
import { checkFiniteRecords, eachPiece, measureRecords } from './passes';
import type { RawRecords } from './rawRecords';
import { rowMap } from './rowMap';
import { splitRecords, type Side, type SplitRequest } from './splitRecords';
import type { StreamedDataset } from './streamedDataset';

/** What is needed to turn what readers found into samples. */
export interface Preparation extends SplitRequest {
  /** Of a file of its own, read with the features of the training data; null splits a fraction off. */
  readonly readValidation: () => Promise<RawRecords | null>;
  readonly normalize: boolean;
  readonly loss: LossName | null;
  /** Where a person looks for a wrong label. */
  readonly labelPlace: Place;
  /** Called with the number of bytes read to measure columns. */
  readonly onMeasured: (bytes: number) => void;
}

interface PreparedRecords extends Omit<StreamedDataset, 'contentHash' | 'classes'> {
  readonly classes: {
    readonly names: StreamedDataset['classes'];
    readonly counts: DataReading['classes'];
  };
}

async function countsOf(
  { labels: { records } }: RawRecords,
  code: LabelCode,
  encodings: StreamedDataset['train']['encodings'],
): Promise<DataReading['classes']> {
  const found: number[] = [];
  const encoding = encodings && new Map(encodings);
  if (code.classes !== null && code.shape.length === 0)
    await eachPiece(records, ({ values }) => {
      for (const value of values) {
        const index = encoding?.get(value) ?? value;
        found[index] = (found[index] ?? 0) + 1;
      }
    });
  return classCounts(code, found);
}

/**
 * Checks records, gives labels their meaning, splits validation samples off and measures what
 * normalizing takes: as loadDataset does in memory, to the same bits, but in constant memory.
 */
export async function prepareRecords(request: Preparation): Promise<PreparedRecords> {
  const { source, train, labelPlace } = request;
  if (train.count === 0 || product(train.sampleShape) === 0)
    refuse('dataEmpty', { path: source.name }, { file: source.file });
  await checkFiniteRecords(train);
  const code = labelCodeOf(await surveyOf(train.labels), request.loss, labelPlace);
  const encodings = await encodingsOf(train, code, labelPlace);
  const counts = await countsOf(train, code, encodings);
  const validation = await request.readValidation();
  const all = ({ count }: RawRecords): Side => ({ count, rows: { kind: 'all' } });
  const sides = validation
    ? { train: all(train), validation: all(validation) }
    : await splitRecords(request, code, encodings);
  const own = validation && (await validationSamples(validation, request, code));
  const scale = await scaleOf(request, sides.train);
  const samples = { features: train.features, labels: train.labels.records, encodings, scale };
  return {
    sampleShape: train.sampleShape,
    labelShape: code.shape,
    classes: { names: code.classes, counts },
    train: { ...samples, ...sides.train },
    validation: { ...samples, ...own, ...sides.validation },
  };
}

async function validationSamples(validation: RawRecords, request: Preparation, code: LabelCode) {
  const { train, source } = request;
  const place = dataKey(source, 'validation');
  if (validation.count === 0) refuse('dataEmpty', { path: validation.file }, place);
  const found = shapeText(validation.sampleShape);
  const expected = shapeText(train.sampleShape);
  if (found !== expected) refuse('dataValidationShape', { found, expected }, place);
  await checkFiniteRecords(validation);
  return {
    features: validation.features,
    labels: validation.labels.records,
    encodings: await encodingsOf(validation, code, place),
  };
}

async function scaleOf(
  { train, normalize, onMeasured }: Preparation,
  { count, rows }: Side,
): Promise<FeatureScale> {
  if (!normalize || train.scale === 'none') return { kind: 'none' };
  if (train.scale === 'bytes') return { kind: 'bytes' };
  return measureRecords(train, { count, rows: rowMap(rows, count) }, onMeasured);
}
