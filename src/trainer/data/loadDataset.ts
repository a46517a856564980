import { createHash, type Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config, LossName } from '../../config/schema';
import { resolvePath } from '../../config/workspacePaths';
import { ProblemError, fail, ok, type Place, type Result } from '../../core/problem';
import { readIdx, readNpy, readNpz } from './arrays';
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
import { splitSamples, takeRows } from './split';

export interface DataContext {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  /** Seeds the validation split. */
  readonly seed: number;
  /** TensorFlow.js, given to `load(tf)` of a data module. */
  readonly tf: unknown;
  /**
   * The loss in force, where the model's compile settings say it and the config does not: it tells
   * whether numeric labels are classes. Without it, few whole numbers are taken for classes.
   */
  readonly loss?: LossName | null;
}

/**
 * Reads what a config's "data" names: checks it, splits off validation samples and normalizes with
 * the statistics of the training samples alone. Every fault of the data is a problem with its place
 * (a line of the data file, or a key of the config). A data module's code is run.
 */
export async function loadDataset(config: Config, context: DataContext): Promise<Result<Dataset>> {
  try {
    return ok(await load(config, context));
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem };
    const place = dataKey(context, 'train');
    const cause = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError) return fail('dataTooLarge', { cause }, place);
    if (error instanceof Error && 'code' in error)
      return fail('dataUnreadable', { path: config.data.train, cause }, place);
    throw error;
  }
}

async function load({ data, training }: Config, context: DataContext): Promise<Dataset> {
  const hash = createHash('sha256');
  const loss = training.loss ?? context.loss ?? null;
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
  const features = train.featureNames ? [...train.featureNames] : data.features;
  const own = { ...data, ...(features ? { features } : {}) };
  return (await read(await sourceOf({ ...request, data: own, key: 'validation' }))).train;
}

interface SourceRequest {
  readonly data: Config['data'];
  readonly key: 'train' | 'validation';
  readonly hash: Hash;
  readonly loss: LossName | null;
  readonly context: DataContext;
}

async function sourceOf({ data, key, hash, loss, context }: SourceRequest): Promise<Source> {
  const labelsKey = key === 'train' ? 'labels' : 'validationLabels';
  const resolved = async (name: string | undefined, pointer: string): Promise<string | null> => {
    if (name === undefined) return null;
    const { configFile, root } = context;
    const file = await resolvePath(name, configFile, root, ['data', pointer], 'dataNotFound');
    if (!file.ok) throw new ProblemError(file.problem);
    return file.value;
  };
  const name = String(data[key]);
  return {
    file: (await resolved(name, key)) ?? '',
    name,
    labelsFile: await resolved(data[labelsKey], labelsKey),
    key,
    labelsKey,
    label: data.label,
    features: data.features,
    loss,
    configFile: context.configFile,
    root: context.root,
    hash,
    tf: context.tf,
  };
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

const modules = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

async function read(source: Source): Promise<ModuleData> {
  if ((await stat(source.file)).isDirectory()) {
    return { train: await readImageFolder(source), validation: null };
  }
  const extension = path.extname(source.file.replace(/\.gz$/i, '')).toLowerCase();
  if (modules.has(extension)) return readModule(source);
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

/** Where a person looks for a wrong label: the key that names labels, else the data. */
function labelPlace(source: Source): Place {
  if (source.labelsFile !== null) return dataKey(source, source.labelsKey);
  return source.label === undefined ? dataKey(source, source.key) : dataKey(source, 'label');
}

function checkFinite(data: RawData): void {
  const wrong = data.features.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  const size = product(data.sampleShape);
  const within = wrong % size;
  const column = data.featureNames?.length === size ? data.featureNames[within] : undefined;
  const where =
    column === undefined ? `at ${shapeText(coordinates(within, data))}` : `in "${column}"`;
  const values = { sample: Math.floor(wrong / size) + 1, actual: String(data.features[wrong]) };
  refuse('dataNotFinite', { ...values, where }, { file: data.file });
}

function coordinates(within: number, { sampleShape }: RawData): number[] {
  const found: number[] = [];
  let rest = within;
  for (const size of [...sampleShape].reverse()) {
    found.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return found;
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
