import type { LossName } from '../../core/model/losses';
import type { Place } from '../../core/text/problem';
import {
  isDecimal,
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

/** What deciding about labels takes to know of them. */
export type LabelFacts =
  | { readonly kind: 'texts'; readonly names: readonly string[]; readonly count: number }
  | {
      readonly kind: 'numbers';
      /** Shape of one label. */
      readonly shape: readonly number[];
      readonly survey: () => NumberSurvey;
    };

/**
 * Decides what labels mean. The loss decides where it is known: regression losses take numbers,
 * the others classes. Otherwise texts are classes, and so are whole numbers of which there are few.
 * @param place where a person can correct a label that does not fit
 */
export function labelCode(labels: RawLabels, loss: LossName | null, place: Place): LabelCode {
  if (labels.kind === 'texts') {
    const { names, indices } = labels;
    return labelCodeOf({ kind: 'texts', names, count: indices.length }, loss, place);
  }
  const shape = labels.shape.slice(1);
  const survey = () => {
    const survey = new NumberSurvey(shape.at(-1) ?? 1);
    survey.add(labels.values);
    return survey;
  };
  return labelCodeOf({ kind: 'numbers', shape, survey }, loss, place);
}

/** As labelCode, of labels that need not be in memory. */
export function labelCodeOf(labels: LabelFacts, loss: LossName | null, place: Place): LabelCode {
  if (labels.kind === 'texts') return textCode(labels.names, labels.count, loss, place);
  const squeezed = product(labels.shape) === 1 ? [] : labels.shape;
  if (squeezed.length > 0)
    return { shape: squeezed, ...rowClasses(labels.survey(), squeezed, loss) };
  if (wantsNumbers(loss)) return { shape: [], classes: null, indexOf: null };
  const survey = labels.survey();
  const distinct = survey.distinctInOrder();
  const areWhole = distinct?.every(Number.isInteger) ?? false;
  if (loss === null && !(areWhole && isFew(distinct?.length ?? 0, survey.count))) {
    return { shape: [], classes: null, indexOf: null };
  }
  if (!distinct || !areWhole) {
    const { sample, value } = survey.firstNotWhole ?? survey.first;
    refuse('dataLabelNotClass', { sample, actual: String(value), loss: loss ?? '' }, place);
  }
  return checked(numberClasses(distinct), loss, place);
}

/** More distinct values than any classifier here would have: not classes. */
export const mostClasses = 65_536;

/** What labels that are numbers look like, taken piece by piece. */
export class NumberSurvey {
  readonly #width: number;
  count = 0;
  largest = 0;
  /** A label and its sample, from 1. */
  first = { sample: 1, value: NaN };
  firstNotWhole: { readonly sample: number; readonly value: number } | null = null;
  #distinct: Set<number> | null = new Set();
  #oneHot = true;
  #ones = 0;

  /** @param width numbers in the last axis of a label */
  constructor(width: number) {
    this.#width = width;
  }

  /** Whether every row holds one 1 among zeros. */
  get isOneHot(): boolean {
    return this.#oneHot && this.count > 0;
  }

  add(values: ArrayLike<number>): void {
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? 0;
      if (this.count++ === 0) this.first = { sample: 1, value };
      this.largest = Math.max(this.largest, value);
      if (!Number.isInteger(value)) this.firstNotWhole ??= { sample: this.count, value };
      this.#distinct?.add(value);
      if (this.#distinct && this.#distinct.size > mostClasses) this.#distinct = null;
      if (value === 1) this.#ones++;
      else if (value !== 0) this.#oneHot = false;
      if (this.count % this.#width === 0) {
        this.#oneHot &&= this.#ones === 1;
        this.#ones = 0;
      }
    }
  }

  /** Null where there are more than any classifier has classes. */
  distinctInOrder(): number[] | null {
    return this.#distinct && [...this.#distinct].sort((one, other) => one - other);
  }
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
  const areNumbers = names.every((name) => isDecimal(name));
  if (wantsNumbers(loss) || (loss === null && areNumbers && !areFewWhole(names, samples))) {
    const text = names.find((name) => !isDecimal(name));
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
  survey: NumberSurvey,
  shape: readonly number[],
  loss: LossName | null,
): Pick<LabelCode, 'classes' | 'indexOf'> {
  const none = { classes: null, indexOf: null };
  if (wantsNumbers(loss)) return none;
  if (loss === 'sparseCategoricalCrossentropy') {
    return { classes: indexNames(survey.largest + 1), indexOf: null };
  }
  const areOneHot = loss === 'categoricalCrossentropy' || survey.isOneHot;
  return areOneHot ? { classes: indexNames(shape.at(-1) ?? 1), indexOf: null } : none;
}

function indexNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

/**
 * The labels of a data set as numbers: class indices, or the numbers themselves.
 * @returns `count × product(shape)` values
 */
export function encodeLabels(data: RawData, code: LabelCode, place: Place): Float32Array {
  const { labels, count } = data;
  if (labels.kind === 'texts') {
    checkLabelCount(labels.indices.length, count, place);
    const encodings = textEncodings(
      labels.names,
      (index) => labels.indices.indexOf(index) + 1,
      code,
      place,
    );
    return Float32Array.from(labels.indices, (index) => encodings[index] ?? 0);
  }
  if (labels.shape.length === 0) refuse('dataScalar', { path: data.file }, place);
  checkLabelCount(labels.shape[0] ?? 0, count, place);
  checkLabelShape(labels.shape.slice(1), code, place);
  const encoded = new Float32Array(labels.values.length);
  const width = product(code.shape);
  for (let index = 0; index < encoded.length; index++) {
    const sample = Math.floor(index / width) + 1;
    encoded[index] = encodeNumber(labels.values[index] ?? NaN, sample, code, place);
  }
  return encoded;
}

export function checkLabelCount(labels: number, samples: number, place: Place): void {
  if (labels !== samples) refuse('dataLabelCount', { labels, samples }, place);
}

/** @param shape of one label as the data has it */
export function checkLabelShape(shape: readonly number[], code: LabelCode, place: Place): void {
  if (product(shape) === product(code.shape)) return;
  const values = { found: shapeText(shape), expected: shapeText(code.shape) };
  refuse('dataValidationLabelShape', values, place);
}

/** @param sample from 1, for the sentence that refuses a label */
export function encodeNumber(value: number, sample: number, code: LabelCode, place: Place): number {
  if (!Number.isFinite(Math.fround(value)))
    refuse('dataLabelNotFinite', { sample, actual: String(value) }, place);
  return code.indexOf ? classOf(code, value, sample, place) : value;
}

/**
 * What each distinct text becomes.
 * @param sampleOf the first sample, from 1, with the text of this index
 */
export function textEncodings(
  names: readonly string[],
  sampleOf: (index: number) => number,
  code: LabelCode,
  place: Place,
): number[] {
  return names.map((name, index) => {
    if (code.indexOf) {
      const own = code.indexOf.get(name) ?? code.indexOf.get(Number(name));
      return own ?? classOf(code, name, sampleOf(index), place);
    }
    const value = isDecimal(name) ? Math.fround(Number(name)) : NaN;
    if (!Number.isFinite(value))
      refuse('dataLabelNotFinite', { sample: sampleOf(index), actual: name }, place);
    return value;
  });
}

function classOf(code: LabelCode, value: string | number, sample: number, place: Place): number {
  const index = code.indexOf?.get(value);
  if (index !== undefined) return index;
  const values = { sample, name: String(value), known: listed(code.classes ?? []) };
  return refuse('dataUnknownClass', values, place);
}

/** Samples of each class by how many have its index; empty where labels are no class indices. */
export function classCounts(
  { classes, shape }: LabelCode,
  counts: readonly number[],
): { readonly name: string; readonly samples: number }[] {
  if (classes === null || shape.length > 0) return [];
  return classes.map((name, index) => ({ name, samples: counts[index] ?? 0 }));
}
