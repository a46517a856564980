import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Config } from '../../config/schema';
import type { Place, Result } from '../../core/text/problem';
import { readIdx, readNpy, readNpz } from './arrays';
import { checkFinite } from './checkFinite';
import { readCsv } from './csv';
import type { Dataset, Samples } from './dataset';
import { isGzip, readStart } from './fileBytes';
import { isIdx } from './idx';
import { readImageFolder } from './imageFolder';
import { readJsonLines } from './jsonLines';
import { encodeLabels, labelCode, type LabelCode } from './labels';
import { readModule, type ModuleData } from './moduleData';
import { measureColumns, scaleBytes, standardize } from './normalize';
import { isNpy } from './npy';
import {
  dataKey,
  product,
  refuse,
  shapeText,
  type RawData,
  type Reader,
  type Source,
} from './rawData';
import {
  extensionOf,
  faultsAsProblems,
  isModule,
  labelPlace,
  lossOf,
  sourceOf,
  validationSource,
  type DataContext,
  type SourceRequest,
} from './sources';
import { splitSamples, takeRows } from './split';

/**
 * Reads what a config's "data" names: checks it, splits off validation samples and normalizes with
 * the statistics of the training samples alone. Every fault of the data is a problem with its place
 * (a line of the data file, or a key of the config). A data module's code is run.
 */
export async function loadDataset(config: Config, context: DataContext): Promise<Result<Dataset>> {
  return faultsAsProblems(config, context, () => load(config, context));
}

async function load(config: Config, context: DataContext): Promise<Dataset> {
  const { data } = config;
  const hash = createHash('sha256');
  const loss = lossOf(config, context);
  const source = await sourceOf({ data, key: 'train', hash, loss, context });
  const { train, validation: own } = await read(source);
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
  if (data.normalize) normalize(train, sides.train.features, sides.validation.features);
  return {
    sampleShape: train.sampleShape,
    labelShape: code.shape,
    ...sides,
    classes: code.classes,
    contentHash: hash.digest('hex'),
  };
}

/** Reads a validation file, with the columns that became features of the training data. */
async function readValidation(
  data: Config['data'],
  train: RawData,
  request: Omit<SourceRequest, 'data' | 'key'>,
): Promise<RawData | null> {
  if (typeof data.validation !== 'string') return null;
  return (await read(await validationSource(data, train, request))).train;
}

const readers: Readonly<Record<string, Reader>> = {
  '.csv': readCsv,
  '.tsv': readCsv,
  '.jsonl': readJsonLines,
  '.ndjson': readJsonLines,
  '.npy': readNpy,
  '.npz': readNpz,
  '.idx': readIdx,
};

async function read(source: Source): Promise<ModuleData> {
  if ((await stat(source.file)).isDirectory()) {
    return { train: await readImageFolder(source), validation: null };
  }
  if (isModule(source.file)) return readModule(source);
  const extension = extensionOf(source.file);
  const reader = readers[extension] ?? (await readerByContent(source));
  return { train: await reader(source), validation: null };
}

/** MNIST's files have no extension: the first bytes tell. */
async function readerByContent(source: Source): Promise<Reader> {
  const start = await readStart(source.file, 8);
  if (isNpy(start)) return readNpy;
  // What gzip holds is checked once it is unpacked.
  if (isIdx(start) || isGzip(start)) return readIdx;
  if (start.length === 0) refuse('dataEmpty', { path: source.name }, { file: source.file });
  return refuse('dataFormatUnknown', { path: source.name }, dataKey(source, source.key));
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
  const split = splitSamples(count, fraction, context.seed, classOf);
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

function normalize({ scale, sampleShape }: RawData, train: Float32Array, validation: Float32Array) {
  if (scale === 'columns') {
    const columns = measureColumns(train, sampleShape.at(-1) ?? 1);
    standardize(train, columns);
    standardize(validation, columns);
  } else if (scale === 'bytes') {
    scaleBytes(train);
    scaleBytes(validation);
  }
}
