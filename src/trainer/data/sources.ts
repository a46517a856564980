import type { Hash } from 'node:crypto';
import path from 'node:path';
import { lossSettings } from '../../config/trainingSchema';
import type { LossName } from '../../core/model/losses';
import { type Config } from '../../config/schema';
import type { TextLookup } from '../../core/model/topology/textLookup';
import type { Signature } from '../../core/model/topology/signature';
import { resolvePath } from '../../config/workspacePaths';
import {
  ProblemError,
  fail,
  ok,
  type Place,
  type Result,
  type Text,
} from '../../core/text/problem';
import { dataKey, type RawData, type Source } from './rawData';
import type { TablePlan } from './table/plan';
import { causeOf } from '../../core/text/errorText';

export interface DataContext {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  /** Seeds the validation split. */
  readonly seed: number;
  /** TensorFlow.js, given to `load(tf)` of a data module. */
  readonly tf: unknown;
  /** Shape of one sample that the model takes, where its file says so. */
  readonly inputShape?: readonly number[] | null;
  /** The layer that the model begins with, where that turns texts into numbers. */
  readonly lookup?: TextLookup | null;
  /** Inputs and trained outputs of the model, where its file says so. */
  readonly signature?: Signature | null;
  /** Takes what a person should know of how the data were read. */
  readonly note?: (note: Text) => void;
  /**
   * The loss in force, where the model's compile settings give it and the config does not: it decides
   * whether numeric labels are classes. Without it, few whole numbers are taken for classes.
   */
  readonly loss?: LossName | null;
}

/** The loss, where it is known before the model is. */
export function lossOf({ training }: Config, context: DataContext): LossName | null {
  return training.loss ? lossSettings(training.loss).name : (context.loss ?? null);
}

/** Runs what reads data: every fault of the data becomes a problem. */
export async function faultsAsProblems<T>(
  { data }: Config,
  context: DataContext,
  work: () => Promise<T>,
): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem };
    const place = dataKey(context, 'train');
    const cause = causeOf(error);
    if (error instanceof RangeError) return fail('dataTooLarge', { cause }, place);
    if (error instanceof Error && 'code' in error && /^Z_/.test(String(error.code)))
      return fail('dataGzip', { path: data.train, cause }, place);
    if (error instanceof Error && 'code' in error)
      return fail('dataUnreadable', { path: data.train, cause }, place);
    throw error;
  }
}

export interface SourceRequest {
  readonly data: Config['data'];
  readonly key: 'train' | 'validation';
  readonly hash: Hash;
  readonly loss: LossName | null;
  readonly context: DataContext;
  /** How the training data's table was read, for a validation file. */
  readonly plan?: TablePlan | null;
}

export async function sourceOf(request: SourceRequest): Promise<Source> {
  const { data, key, hash, loss, context, plan = null } = request;
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
    options: data,
    outputs: null,
    plan,
    inputShape: context.inputShape ?? null,
    lookup: context.lookup ?? null,
    note: context.note ?? (() => undefined),
    loss,
    configFile: context.configFile,
    root: context.root,
    hash,
    tf: context.tf,
  };
}

/**
 * Validation data in a file of their own, or those that came with the training data: read with the
 * columns that became features of the training data. Null where a fraction validates.
 */
export async function validationSource(
  data: Config['data'],
  train: Pick<RawData, 'featureNames' | 'table' | 'sampleShape' | 'ownValidation'>,
  request: Omit<SourceRequest, 'data' | 'key' | 'plan'>,
): Promise<Source | null> {
  const { context } = request;
  const alike = { ...request, context: { ...context, inputShape: train.sampleShape } };
  if (typeof data.validation !== 'string') {
    if (!train.ownValidation) return null;
    return sourceOf({ ...alike, data: { ...data, ...train.ownValidation }, key: 'validation' });
  }
  const plan = train.table?.plan ?? null;
  const features = train.featureNames && !plan ? [...train.featureNames] : data.features;
  const own = { ...data, ...(features ? { features } : {}) };
  return sourceOf({ ...alike, data: own, key: 'validation', plan });
}

/** Without `.gz`, such as ".csv". */
export function extensionOf(file: string): string {
  return path.extname(file.replace(/\.gz$/i, '')).toLowerCase();
}

const modules = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

/** Code that makes its data. */
export function isModule(file: string): boolean {
  return modules.has(extensionOf(file));
}

/** Where a person looks for a wrong label: the key that names labels, else the data. */
export function labelPlace(source: Source): Place {
  if (source.labelsFile !== null) return dataKey(source, source.labelsKey);
  return source.label === undefined ? dataKey(source, source.key) : dataKey(source, 'label');
}
