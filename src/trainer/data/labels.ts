import type { LossName } from '../../config/schema';
import type { Place } from '../../core/problem';
import {
  listed,
  product,
  refuse,
  shapeText,
  wantsNumbers,
  type RawData,
  type RawLabels,
} from './rawData';

/** How the labels of the training data become numbers; validation data is read the same way. */
export interface LabelCode {
  /** Shape of one label: [] for one number or class index. */
  readonly shape: readonly number[];
  /** Null for regression. */
  readonly classes: readonly string[] | null;
  /** Index of a class by what stands in the data; null where numbers are taken as they are. */
  readonly indexOf: ReadonlyMap<string | number, number> | null;
}

const wholeNumber = /^[+-]?\d+$/;
const anyNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Decides what labels mean. The loss decides where it is known: regression losses take numbers,
 * the others classes. Otherwise texts are classes, and so are whole numbers of which there are few.
 * @param place where a person can mend a label that does not fit
 */
export function labelCode(labels: RawLabels, loss: LossName | null, place: Place): LabelCode {
  if (labels.kind === 'texts') return textCode(labels.names, labels.indices.length, loss, place);
  const shape = labels.shape.slice(1);
  const squeezed = product(shape) === 1 ? [] : shape;
  if (squeezed.length > 0) return { shape: squeezed, ...rowClasses(labels, squeezed, loss) };
  if (wantsNumbers(loss)) return { shape: [], classes: null, indexOf: null };
  const distinct = distinctNumbers(labels.values);
  const areWhole = distinct?.every(Number.isInteger) ?? false;
  if (loss === null && !(areWhole && isFew(distinct?.length ?? 0, labels.values.length))) {
    return { shape: [], classes: null, indexOf: null };
  }
  if (!distinct || !areWhole) {
    const sample = labels.values.findIndex((value) => !Number.isInteger(value));
    const actual = String(labels.values[Math.max(0, sample)]);
    refuse(
      'dataLabelNotClass',
      { sample: Math.max(0, sample) + 1, actual, loss: loss ?? '' },
      place,
    );
  }
  return checked(numberClasses(distinct), loss, place);
}

/** More distinct values than any classifier here would have: not classes. */
const mostClasses = 65_536;

function distinctNumbers(values: ArrayLike<number>): number[] | null {
  const distinct = new Set<number>();
  for (let index = 0; index < values.length; index++) {
    distinct.add(values[index] ?? 0);
    if (distinct.size > mostClasses) return null;
  }
  return [...distinct].sort((one, other) => one - other);
}

/** Whole numbers are taken for classes while each stands for many samples. */
function isFew(distinct: number, samples: number): boolean {
  return distinct <= Math.max(2, Math.min(100, samples / 5));
}

function textCode(
  names: readonly string[],
  samples: number,
  loss: LossName | null,
  place: Place,
): LabelCode {
  const areNumbers = names.every((name) => anyNumber.test(name));
  if (wantsNumbers(loss) || (loss === null && areNumbers && !areFewWhole(names, samples))) {
    const text = names.find((name) => !anyNumber.test(name));
    if (text !== undefined) refuse('dataLabelText', { actual: text, loss: loss ?? '' }, place);
    return { shape: [], classes: null, indexOf: null };
  }
  if (names.every((name) => wholeNumber.test(name))) {
    const code = numberClasses([...new Set(names.map(Number))].sort((one, other) => one - other));
    const indexOf = new Map<string | number, number>(code.indexOf);
    for (const name of names) indexOf.set(name, code.indexOf?.get(Number(name)) ?? 0);
    return checked({ ...code, indexOf }, loss, place);
  }
  const classes = [...names].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const indexOf = new Map<string | number, number>(classes.map((name, index) => [name, index]));
  return checked({ shape: [], classes, indexOf }, loss, place);
}

function areFewWhole(names: readonly string[], samples: number): boolean {
  return names.every((name) => wholeNumber.test(name)) && isFew(names.length, samples);
}

/**
 * Whole numbers as classes. Those that count from 0 are indices already, and stay so where one is
 * missing from the data: a model with ten outputs has a digit 7 though no sample shows it. Others,
 * such as -1 and 1, or 1 to 5, are numbered in their order.
 */
function numberClasses(distinct: readonly number[]): LabelCode {
  const largest = distinct.at(-1) ?? 0;
  const areIndices = distinct[0] === 0 && largest < 2 * distinct.length;
  const values = areIndices
    ? Array.from({ length: largest + 1 }, (_, index) => index)
    : [...distinct];
  const indexOf = new Map<string | number, number>(values.map((value, index) => [value, index]));
  return { shape: [], classes: values.map(String), indexOf };
}

function checked(code: LabelCode, loss: LossName | null, place: Place): LabelCode {
  const { classes } = code;
  const [only = ''] = classes ?? [];
  if (classes?.length === 1) refuse('dataOneClass', { name: only }, place);
  if (loss === 'binaryCrossentropy' && classes && classes.length > 2) {
    refuse('dataBinaryClasses', { classes: classes.length, known: listed(classes) }, place);
  }
  return code;
}

/** Labels that are rows: one-hot, or several numbers; indices for the sparse loss. */
function rowClasses(
  labels: RawLabels & { kind: 'numbers' },
  shape: readonly number[],
  loss: LossName | null,
): Pick<LabelCode, 'classes' | 'indexOf'> {
  const none = { classes: null, indexOf: null };
  if (wantsNumbers(loss)) return none;
  if (loss === 'sparseCategoricalCrossentropy') {
    let largest = 0;
    for (const value of labels.values) largest = Math.max(largest, value);
    return { classes: indexNames(largest + 1), indexOf: null };
  }
  const width = shape.at(-1) ?? 1;
  const areOneHot = loss === 'categoricalCrossentropy' || isOneHot(labels.values, width);
  return areOneHot ? { classes: indexNames(width), indexOf: null } : none;
}

function indexNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function isOneHot(values: ArrayLike<number>, width: number): boolean {
  for (let row = 0; row < values.length; row += width) {
    let ones = 0;
    for (let at = row; at < row + width; at++) {
      if (values[at] === 1) ones++;
      else if (values[at] !== 0) return false;
    }
    if (ones !== 1) return false;
  }
  return values.length > 0;
}

/**
 * The labels of a data set as numbers: class indices, or the numbers themselves.
 * @returns `count × product(shape)` values
 */
export function encodeLabels(data: RawData, code: LabelCode, place: Place): Float32Array {
  const { labels, count } = data;
  const found = labels.kind === 'texts' ? labels.indices.length : (labels.shape[0] ?? 0);
  if (labels.kind === 'numbers' && labels.shape.length === 0)
    refuse('dataScalar', { path: data.file }, place);
  if (found !== count) refuse('dataLabelCount', { labels: found, samples: count }, place);
  if (labels.kind === 'texts') return encodeTexts(labels, code, place);
  const shape = labels.shape.slice(1);
  if (product(shape) !== product(code.shape)) {
    const values = { found: shapeText(shape), expected: shapeText(code.shape) };
    refuse('dataValidationLabelShape', values, place);
  }
  const encoded = new Float32Array(labels.values.length);
  const width = product(code.shape);
  for (let index = 0; index < encoded.length; index++) {
    const value = labels.values[index] ?? NaN;
    const sample = Math.floor(index / width) + 1;
    if (!Number.isFinite(Math.fround(value)))
      refuse('dataLabelNotFinite', { sample, actual: String(value) }, place);
    encoded[index] = code.indexOf ? classOf(code, value, sample, place) : value;
  }
  return encoded;
}

function encodeTexts(
  labels: RawLabels & { kind: 'texts' },
  code: LabelCode,
  place: Place,
): Float32Array {
  const byName = labels.names.map((name, index) => {
    const sample = () => labels.indices.indexOf(index) + 1;
    if (code.indexOf) {
      const own = code.indexOf.get(name) ?? code.indexOf.get(Number(name));
      return own ?? classOf(code, name, sample(), place);
    }
    const value = anyNumber.test(name) ? Math.fround(Number(name)) : NaN;
    if (!Number.isFinite(value))
      refuse('dataLabelNotFinite', { sample: sample(), actual: name }, place);
    return value;
  });
  return Float32Array.from(labels.indices, (index) => byName[index] ?? 0);
}

function classOf(code: LabelCode, value: string | number, sample: number, place: Place): number {
  const index = code.indexOf?.get(value);
  if (index !== undefined) return index;
  const values = { sample, name: String(value), known: listed(code.classes ?? []) };
  return refuse('dataUnknownClass', values, place);
}
