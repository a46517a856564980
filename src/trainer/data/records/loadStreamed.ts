import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../config/schema';
import { formatBytes } from '../../../core/text/format';
import type { Result, Text } from '../../../core/text/problem';
import { told } from '../../running';
import { estimateSize } from '../estimateSize';
import { readModule } from '../moduleData';
import { refuse, type Source } from '../rawData';
import { ReadingProgress, type OnReading } from '../readingProgress';
import {
  faultsAsProblems,
  isModule,
  labelPlace,
  lossOf,
  sourceOf,
  validationSource,
  type DataContext,
} from '../sources';
import { prepareRecords } from './prepareRecords';
import { looksTextsUp } from '../table/plan';
import type { RawRecords } from './rawRecords';
import { readRecords, writeRaw } from './readRecords';
import { checkStamp, recordBytes, type RecordFile } from './recordFile';
import { temporaryFolderVariable } from './recordWriter';
import type { StreamedDataset, StreamedSamples } from './streamedDataset';

interface StreamingContext extends DataContext {
  /**
   * A folder for what has to be unpacked. A later process finds there what an earlier one of the
   * same sweep prepared.
   */
  readonly folder: string;
  readonly onReading?: OnReading | undefined;
}

/**
 * Prepares what a config's "data" names for being read from disk while a model trains on it: the
 * same samples that loadDataset would give, in constant memory. Not for data modules.
 */
export async function loadStreamed(
  config: Config,
  context: StreamingContext,
): Promise<Result<StreamedDataset>> {
  return faultsAsProblems(config, context, async () => {
    const index = path.join(context.folder, 'index.json');
    const key = keyOf(config, context);
    const earlier = await readIndex(index, key);
    if (earlier) return earlier;
    await mkdir(context.folder, { recursive: true, mode: 0o700 });
    for (const side of sides)
      await rm(path.join(context.folder, side), { recursive: true, force: true });
    const dataset = await prepare(config, context);
    await writeFile(index, JSON.stringify({ key, dataset }), { mode: 0o600 });
    return dataset;
  });
}

const sides = ['train', 'validation'] as const;

async function prepare(config: Config, outer: StreamingContext): Promise<StreamedDataset> {
  const notes: Text[] = [];
  const context = { ...outer, note: (note: Text) => notes.push(note) };
  const { data } = config;
  const { seed, folder, onReading } = context;
  const hash = createHash('sha256');
  const loss = lossOf(config, context);
  const request = { hash, loss, context };
  const source = await sourceOf({ ...request, data, key: 'train' });
  const train = await readSide(source, context);
  const measuredBytes = 2 * train.count * recordBytes(train.features);
  const measuring = new ReadingProgress('measuring', measuredBytes, onReading);
  const prepared = await prepareRecords({
    source,
    train,
    readValidation: async () => {
      const own = await validationSource(data, train, request);
      return own && readSide(own, context);
    },
    fraction: Number(data.validation),
    normalize: data.normalize,
    loss,
    seed,
    folder: path.join(folder, 'train'),
    labelPlace: labelPlace(source),
    onMeasured: measuring.add,
  });
  const { classes, ...dataset } = prepared;
  const reading = { notes, columns: train.table?.columns ?? [], classes: classes.counts };
  return {
    ...dataset,
    classes: classes.names,
    textsLookedUp: looksTextsUp(train.table?.plan),
    reading,
    contentHash: hash.digest('hex'),
  };
}

async function readSide(source: Source, context: StreamingContext): Promise<RawRecords> {
  const folder = path.join(context.folder, source.key);
  const size = await estimateSize(source);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await requireSpace(folder, size?.diskBytes ?? 0, source);
  const progress = new ReadingProgress('reading', size?.units ?? 0, context.onReading);
  const place = { source: { ...source, onRead: progress.add }, folder };
  // Code may make the validation data of a file that is read from disk.
  if (isModule(source.file)) return writeRaw((await readModule(source)).train, place);
  return told({ kind: 'data', file: source.file }, () => readRecords(place));
}

async function requireSpace(folder: string, bytes: number, { name, file }: Source): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes <= bavail * bsize) return;
  const [needed, free] = [bytes, bavail * bsize].map((each) => formatBytes(each, 'en'));
  const values = { path: name, needed: needed ?? '', free: free ?? '', folder };
  refuse('dataDiskSpace', { ...values, variable: temporaryFolderVariable }, { file });
}

function keyOf(config: Config, context: StreamingContext): string {
  return JSON.stringify([config.data, lossOf(config, context), context.seed, context.configFile]);
}

/** What an earlier process has prepared, its files being as they were then. */
async function readIndex(index: string, key: string): Promise<StreamedDataset | null> {
  let text: string;
  try {
    text = await readFile(index, 'utf8');
  } catch {
    return null;
  }
  const found = JSON.parse(text) as { key: string; dataset: StreamedDataset };
  if (found.key !== key) return null;
  for (const records of filesOf(found.dataset)) checkStamp(records, await stat(records.file));
  return found.dataset;
}

function filesOf({ train, validation }: StreamedDataset): RecordFile[] {
  const of = ({ features, labels, rows }: StreamedSamples) =>
    rows.kind === 'listed' ? [features, labels, rows.rows] : [features, labels];
  return [...of(train), ...of(validation)];
}
