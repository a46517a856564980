import { firstLine } from '../../core/text/errorText';
import { exportedFunction, loadModule } from '../loadModule';
import { told } from '../running';
import type { MessageId } from '../../core/text/messages';
import { ProblemError, type Values } from '../../core/text/problem';
import { readBytes } from './fileBytes';
import { flatten, isNested, nestedShape } from './nested';
import {
  TextCollector,
  dataKey,
  product,
  refuse,
  type Numbers,
  type RawData,
  type RawLabels,
  type Source,
} from './rawData';

const example = '{ "features": …, "labels": … }';

/** What a module gave: training data, and validation data where it brings its own. */
export interface ModuleData {
  readonly train: RawData;
  readonly validation: RawData | null;
}

/** The part of a tensor that is needed to read it. */
interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<unknown>;
  dispose(): void;
}

/**
 * Calls `load(tf)` of a data module. It returns, or promises, `{ features, labels, validation? }`
 * (`x` or `xs`, `y` or `ys` too), where `validation` is of the same form. Features and labels are tensors,
 * typed arrays or nested arrays whose first axis counts samples; labels may be texts. The numbers
 * are taken as they are: "normalize" does not touch what code has prepared. Tensors are disposed.
 */
export async function readModule(source: Source): Promise<ModuleData> {
  return moduleSamples(source, await callModule(source));
}

/** What a data module's `load(tf)` gives. */
export async function callModule(source: Source): Promise<unknown> {
  const place = dataKey(source, source.key);
  await readBytes(source.file, source.hash);
  const loaded = unwrap(await loadModule(source.file, place));
  const load = unwrap(exportedFunction(loaded, 'load', source.file, place));
  const values = { path: source.name };
  try {
    return await load(source.tf);
  } catch (error) {
    return refuse(
      'dataModuleFailed',
      { ...values, cause: firstLine(error) },
      { file: source.file },
    );
  }
}

/** Samples with one array of features and one of labels. */
export async function moduleSamples(source: Source, result: unknown): Promise<ModuleData> {
  // Reading it may run code, too: a getter that never returns is the module's.
  return told({ kind: 'module', file: source.file, call: 'load()' }, async () => {
    const train = await samplesOf(source, result, '');
    const own = validationIn(result);
    const validation = own === undefined ? null : await samplesOf(source, own, 'validation.');
    return { train, validation };
  });
}

function unwrap<T>(
  result: { ok: true; value: T } | { ok: false; problem: ProblemError['problem'] },
): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.problem);
}

function field(value: unknown, ...names: string[]): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name of names) {
    const found = (value as Record<string, unknown>)[name];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Arrays by name, for a model of several inputs or outputs. */
export interface NamedSamples {
  readonly features: ReadonlyMap<string, RawLabels>;
  readonly labels: ReadonlyMap<string, RawLabels>;
}

/** Whether features or labels come by name or as a list of tensors, not as one array. */
export function isByName(source: Source, result: unknown): Promise<boolean> {
  return told({ kind: 'module', file: source.file, call: 'load()' }, () =>
    [featuresIn(result), labelsIn(result)].some(
      (given) => isTensorList(given) || (isPlainObject(given) && !isTensor(given)),
    ),
  );
}

/**
 * Reads features and labels that a module gives by the names of the model's inputs and outputs, or
 * as a list of tensors in their order. What comes as one array has the only name.
 */
export async function namedSamples(
  source: Source,
  result: unknown,
  names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  prefix = '',
): Promise<NamedSamples> {
  const [features, labels] = [featuresIn(result), labelsIn(result)];
  if (features === undefined || labels === undefined) {
    const values = { path: source.name, found: formOf(result), example };
    refuse('dataModuleResult', values, { file: source.file });
  }
  const read = async (given: unknown, own: readonly string[], key: string) => {
    const found = new Map<string, RawLabels>();
    const entries: [string, unknown][] = isTensorList(given)
      ? given.map((each, index) => [own[index] ?? String(index), each])
      : isPlainObject(given) && !isTensor(given)
        ? Object.entries(given)
        : [[own[0] ?? key, given]];
    for (const [name, each] of entries)
      found.set(name, await arrayOf(source, each, `${prefix}${key}.${name}`));
    return found;
  };
  return {
    features: await read(features, names.inputs, 'features'),
    labels: await read(labels, names.outputs, 'labels'),
  };
}

/** The names that a module gave; those of lists are numbers. */
export function namesIn(result: unknown): {
  readonly features: readonly string[];
  readonly labels: readonly string[];
} {
  const keys = (given: unknown) =>
    isTensorList(given) || (isPlainObject(given) && !isTensor(given)) ? Object.keys(given) : [];
  return { features: keys(featuresIn(result)), labels: keys(labelsIn(result)) };
}

/** The validation data that a module brings; undefined where it brings none. */
export function validationIn(result: unknown): unknown {
  return field(result, 'validation');
}

function featuresIn(result: unknown): unknown {
  return field(result, 'features', 'x', 'xs');
}

function labelsIn(result: unknown): unknown {
  return field(result, 'labels', 'y', 'ys');
}

function isTensorList(value: unknown): value is readonly TensorLike[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTensor);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

async function samplesOf(source: Source, result: unknown, prefix: string): Promise<RawData> {
  const features = featuresIn(result);
  const labels = labelsIn(result);
  const place = { file: source.file };
  if (features === undefined || labels === undefined) {
    refuse('dataModuleResult', { path: source.name, found: formOf(result), example }, place);
  }
  const x = await arrayOf(source, features, `${prefix}features`);
  const y = await arrayOf(source, labels, `${prefix}labels`);
  if (x.kind === 'texts') refuse('dataTextFeatures', { path: source.name }, place);
  const [count, ...shape] = x.shape;
  if (count === undefined) refuse('dataScalar', { path: source.name }, place);
  return {
    count,
    sampleShape: shape.length === 0 ? [1] : shape,
    features: x.values instanceof Float32Array ? x.values : new Float32Array(x.values),
    scale: 'none',
    featureNames: null,
    labels: y,
    file: source.file,
  };
}

function formOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.keys(value).slice(0, 8).join(', ')} }`;
}

function isTensor(value: unknown): value is TensorLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'shape' in value &&
    'dtype' in value &&
    'data' in value &&
    typeof value.data === 'function' &&
    'dispose' in value
  );
}

type Refuse = (cause: MessageId, values?: Values) => never;

async function arrayOf(source: Source, value: unknown, key: string): Promise<RawLabels> {
  const bad: Refuse = (cause, values = {}) =>
    refuse('dataModuleArray', { path: source.name, key, cause, ...values }, { file: source.file });
  if (isTensor(value)) {
    const { shape, dtype } = value;
    const data = await value.data();
    value.dispose();
    if (dtype === 'string') return texts(data, bad);
    if (!isNested(data) || dtype === 'complex64') return bad('causeArrayType', { type: dtype });
    return numbers(data, shape);
  }
  if (!isNested(value))
    return bad('causeArrayType', { type: value === null ? 'null' : typeof value });
  if (typeof value[0] === 'string') return texts(value, bad);
  const shape = nestedShape(value);
  if (shape === null) return bad('causeRagged');
  return numbers(value, shape);
}

function numbers(nested: unknown, shape: readonly number[]): Numbers {
  const values = new Float32Array(product(shape));
  let at = 0;
  flatten(nested, (value) => {
    values[at++] = value;
  });
  return { kind: 'numbers', shape, values, isBytes: false };
}

function texts(list: unknown, bad: Refuse): RawLabels {
  if (!isNested(list)) return bad('causeNotAList');
  const collector = new TextCollector();
  for (let index = 0; index < list.length; index++) {
    const text = list[index];
    if (typeof text !== 'string') return bad('causeMixedLabels');
    collector.push(text);
  }
  return collector.toTexts();
}
