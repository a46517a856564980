import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Config } from '../../config/schema';
import { ok, type Place, type Result, type Text } from '../../core/text/problem';
import { readIdx, readNpy, readNpz } from './arrays';
import { checkFinite } from './checkFinite';
import type { Dataset, Samples } from './dataset';
import { formatOf, tableFormats } from './formats';
import { told } from '../running';
import { readImageFolder } from './imageFolder';
import { classCounts, encodeLabels, labelCode, type LabelCode } from './labels';
import { callModule, isByName, moduleSamples, readModule, type ModuleData } from './moduleData';
import { isNamed } from './named/feeds';
import { loadNamed } from './named/loadNamed';
import { measureColumns, scaling, type FeatureScale } from './normalize';
import { dataKey, product, refuse, shapeText, type RawData, type Source } from './rawData';
import { readTable } from './readTable';
import { looksTextsUp } from './table/plan';
import {
  faultsAsProblems,
  isModule,
  labelPlace,
  lossOf,
  sourceOf,
  validationSource,
  type DataContext,
  type SourceRequest,
} from './sources';
import { splitInTime, splitSamples, takeRows } from './split';

/**
 * As readDataset, its features normalized where the config says so.
 */
export async function loadDataset(config: Config, context: DataContext): Promise<Result<Dataset>> {
  const read = await readDataset(config, context);
  return read.ok ? ok(normalized(read.value)) : read;
}

/** Normalizes features in place, where that is still to be done. */
export function normalized(dataset: Dataset): Dataset {
  const { pendingScale = { kind: 'none' }, ...rest } = dataset;
  const scale = scaling(pendingScale);
  scale(dataset.train.features);
  scale(dataset.validation.features);
  return rest;
}

/**
 * Reads what a config's "data" names: checks it, splits off validation samples and measures
 * what normalizing takes, from the training samples alone. Every fault of the data is a problem with its place
 * (a line of the data file, or a key of the config). A data module's code is run.
 */
export async function readDataset(config: Config, context: DataContext): Promise<Result<Dataset>> {
  return faultsAsProblems(config, context, () => load(config, context));
}

async function load(config: Config, outer: DataContext): Promise<Dataset> {
  const notes: Text[] = [];
  const context = { ...outer, note: (note: Text) => notes.push(note) };
  const { data } = config;
  const hash = createHash('sha256');
  const loss = lossOf(config, context);
  const source = await sourceOf({ data, key: 'train', hash, loss, context });
  const made = isModule(source.file) ? await callModule(source) : null;
  if (isNamed(data, context.signature ?? null) || (made !== null && (await isByName(source, made))))
    return loadNamed(config, source, made, { hash, loss, context, notes });
  const { train, validation: own } =
    made === null ? await read(source) : await moduleSamples(source, made);
  if (train.count === 0 || product(train.sampleShape) === 0)
    refuse('dataEmpty', { path: source.name }, { file: source.file });
  checkFinite(train);
  const place = labelPlace(source);
  const code = labelCode(train.labels, loss, place);
  const labels = encodeLabels(train, code, place);
  const given = own ?? (await readValidation(data, train, { hash, loss, context }));
  const sides = given
    ? {
        train: { count: train.count, features: train.features, labels },
        validation: validationSamples(
          given,
          train,
          code,
          dataKey(source, own ? 'train' : 'validation'),
        ),
      }
    : splitFraction(train, labels, code, Number(data.validation), context);
  return {
    sampleShape: train.sampleShape,
    labelShape: code.shape,
    ...sides,
    pendingScale: data.normalize ? scaleOf(train, sides.train.features) : { kind: 'none' },
    reading: {
      notes,
      columns: train.table?.columns ?? [],
      classes: classCounts(code, code.classes === null ? [] : countsOf(labels)),
    },
    classes: code.classes,
    textsLookedUp: looksTextsUp(train.table?.plan),
    contentHash: hash.digest('hex'),
  };
}

/** Reads a validation file, with the columns that became features of the training data. */
async function readValidation(
  data: Config['data'],
  train: RawData,
  request: Omit<SourceRequest, 'data' | 'key'>,
): Promise<RawData | null> {
  const source = await validationSource(data, train, request);
  return source && (await read(source)).train;
}

const arrayReaders = { npy: readNpy, npz: readNpz, idx: readIdx };

async function read(source: Source): Promise<ModuleData> {
  if ((await stat(source.file)).isDirectory()) {
    return { train: await readImageFolder(source), validation: null };
  }
  if (isModule(source.file)) return readModule(source);
  const format = await formatOf(source);
  const train = await told({ kind: 'data', file: source.file }, () =>
    format === 'npy' || format === 'npz' || format === 'idx'
      ? arrayReaders[format](source)
      : readTable(source, tableFormats[format]),
  );
  return { train, validation: null };
}

function validationSamples(data: RawData, train: RawData, code: LabelCode, place: Place): Samples {
  if (data.count === 0) refuse('dataEmpty', { path: data.file }, place);
  const found = shapeText(data.sampleShape);
  const expected = shapeText(train.sampleShape);
  if (found !== expected) refuse('dataValidationShape', { found, expected }, place);
  checkFinite(data);
  return { count: data.count, features: data.features, labels: encodeLabels(data, code, place) };
}

function splitFraction(
  train: RawData,
  labels: Float32Array,
  code: LabelCode,
  fraction: number,
  context: DataContext,
): { train: Samples; validation: Samples } {
  const { count } = train;
  if (count < 2) refuse('dataTooFew', { samples: count }, dataKey(context, 'train'));
  const classOf = code.classes && classReader(labels, code);
  const split =
    train.inTime === true
      ? splitInTime(count, fraction)
      : splitSamples(count, fraction, context.seed, classOf);
  const size = product(train.sampleShape);
  const width = product(code.shape);
  const side = (samples: Uint32Array): Samples => ({
    count: samples.length,
    features: takeRows(train.features, size, samples),
    labels: takeRows(labels, width, samples),
  });
  return { train: side(split.train), validation: side(split.validation) };
}

/** The class of a sample: its index, or where its row is largest. Sequences of labels are not stratified. */
function classReader(labels: Float32Array, code: LabelCode): ((sample: number) => number) | null {
  if (code.shape.length === 0) return (sample) => labels[sample] ?? 0;
  const [width = 1] = code.shape;
  if (code.shape.length > 1 || width !== code.classes?.length) return null;
  return (sample) => {
    const row = labels.subarray(sample * width, (sample + 1) * width);
    return row.reduce((best, value, index) => (value > (row[best] ?? 0) ? index : best), 0);
  };
}

function countsOf(indices: Float32Array): number[] {
  const counts: number[] = [];
  for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

function scaleOf({ scale, sampleShape }: RawData, train: Float32Array): FeatureScale {
  if (scale !== 'columns') return { kind: scale };
  const { mean, inverse } = measureColumns(train, sampleShape.at(-1) ?? 1);
  return { kind: 'columns', mean: [...mean], inverse: [...inverse] };
}
