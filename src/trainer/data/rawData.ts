import type { Hash } from 'node:crypto';
import type { LossName } from '../../core/model/losses';
import type { Config } from '../../config/schema';
import type { TextLookup } from '../../core/model/topology/textLookup';
import type { MessageId } from '../../core/text/messages';
import { ProblemError, problem, type Place, type Text, type Values } from '../../core/text/problem';
import { formatBytes } from '../../core/text/format';
import { availableProcessBytes } from '../memory/processMemory';
import type { ColumnReport, TablePlan } from './table/plan';

/** Typed arrays that hold samples as files have them. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** An array of numbers as a file has it; the first axis counts samples. */
export interface Numbers {
  readonly kind: 'numbers';
  readonly shape: readonly number[];
  readonly values: NumberArray;
  /** Unsigned bytes, such as pixels, which "normalize" scales to 0..1. */
  readonly isBytes: boolean;
}

/** Texts, one per sample: labels only. */
export interface Texts {
  readonly kind: 'texts';
  /** Distinct texts in order of first appearance. */
  readonly names: readonly string[];
  /** Index into `names` for every sample. */
  readonly indices: Uint32Array;
}

export type RawLabels = Numbers | Texts;

/** What a config's "data" says of validation data, where the training data bring their own. */
export type OwnValidation = Partial<Pick<Config['data'], 'features' | 'label'>> & {
  readonly validation: string;
};

/** What a reader gives: samples in file order, neither checked for NaN nor normalized. */
export interface RawData {
  readonly count: number;
  readonly sampleShape: readonly number[];
  readonly features: Float32Array;
  /** How "normalize" treats the features. */
  readonly scale: 'columns' | 'bytes' | 'none';
  /** Names of the columns or keys that became features, so that a validation file gives the same. */
  readonly featureNames: readonly string[] | null;
  /** How a table's rows became samples, and what its columns hold; null for other formats. */
  readonly table?: TableReading | null;
  /** Whether the samples are in the order of time, so that the last of them validate. */
  readonly inTime?: boolean;
  readonly labels: RawLabels;
  /** The validation data that came with the training data, as a config would name them. */
  readonly ownValidation?: OwnValidation | null;
  /** Where a problem with a label or feature is shown. */
  readonly file: string;
}

/** What a config says of how its data are read. */
type ReadingOptions = Pick<
  Config['data'],
  'missing' | 'categories' | 'dates' | 'separator' | 'header' | 'window' | 'image' | 'text'
>;

/** What every reader is given. */
export interface Source {
  /** Absolute path of the data, its links resolved, and the name it has in the config. */
  readonly file: string;
  readonly name: string;
  readonly labelsFile: string | null;
  /** The config's keys for the two files. */
  readonly key: 'train' | 'validation';
  readonly labelsKey: 'labels' | 'validationLabels';
  readonly label: string | undefined;
  readonly features: readonly string[] | undefined;
  readonly options: ReadingOptions;
  /**
   * Columns that the outputs of a model learn, which are read beside the features: a row without one
   * of them is left out. Null where there is one label.
   */
  readonly outputs?: ReadonlySet<string> | null;
  /** How the training data's table is read: a validation file is read alike. Null decides again. */
  readonly plan: TablePlan | null;
  /** Shape of one sample that the model takes, where its file says so. */
  readonly inputShape: readonly number[] | null;
  /** Whether its text is UTF-8, where that is known or tried; else it is looked through first. */
  readonly isUtf8?: boolean;
  /** The layer that the model begins with, which turns texts into numbers. */
  readonly lookup: TextLookup | null;
  /** Takes what a person should know of how the data were read. */
  readonly note: (note: Text) => void;
  /** The loss, where it is known before the model is. */
  readonly loss: LossName | null;
  readonly configFile: string;
  readonly root: string;
  readonly hash: Hash;
  /** Given to `load(tf)` of a data module. */
  readonly tf: unknown;
  /** Called with the number of bytes read. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

export type Reader = (source: Source) => Promise<RawData>;

/** Throws a problem; readers are called where it is caught and becomes a value. */
export function refuse(reason: MessageId, values: Values, place: Place): never {
  throw new ProblemError(problem(reason, values, place));
}

/** A place in the config, by its key under "data". */
export function dataKey(source: Pick<Source, 'configFile'>, ...keys: (string | number)[]): Place {
  return { file: source.configFile, pointer: ['data', ...keys] };
}

/** `"a", "b", "c"`; of a long list the first and the last, where labels often are. */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  if (names.length <= 12) return quoted.join(', ');
  return [...quoted.slice(0, 9), '…', ...quoted.slice(-3)].join(', ');
}

/** `[28, 28, 1]` */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

export function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a text is a number as data files write them. */
export function isDecimal(text: string): boolean {
  return decimal.test(text);
}

const numberLosses: ReadonlySet<LossName> = new Set<LossName>([
  ...(['meanSquaredError', 'meanAbsoluteError', 'meanAbsolutePercentageError'] as const),
  ...(['meanSquaredLogarithmicError', 'huber', 'logCosh', 'poisson', 'cosineSimilarity'] as const),
]);

/** Whether labels are numbers for this loss, and no classes. */
export function wantsNumbers(loss: LossName | null): boolean {
  return loss !== null && numberLosses.has(loss);
}

/** What was decided about a table. */
interface TableReading {
  readonly plan: TablePlan;
  readonly columns: readonly ColumnReport[];
}

/** Where a reader that goes row by row puts what it reads. */
export interface SampleSink {
  readonly features: { pushAll(values: Float64Array): void };
  /** Labels that are texts, or numbers: one of the two is used. */
  readonly texts: { push(text: string): void };
  readonly numbers: NumberSink;
}

interface NumberSink {
  push(value: number): void;
}

/** What a reader that goes row by row found, beside the values. */
export interface Table {
  readonly count: number;
  readonly sampleShape: readonly number[];
  readonly featureNames: readonly string[];
  /** Where the labels went; null where they are a file of their own. */
  readonly labels: 'texts' | 'numbers' | null;
  /** Shape of one label that is numbers. */
  readonly labelShape: readonly number[];
  readonly table: TableReading;
  readonly inTime: boolean;
}

const checkedLength = 2 ** 24;

/** Twice the length. @throws RangeError where that does not fit into the memory that is free */
function grownLength(length: number): number {
  const bytes = 2 * length * Float32Array.BYTES_PER_ELEMENT;
  if (length >= checkedLength && bytes > availableProcessBytes())
    throw new RangeError(`${formatBytes(bytes)} for its numbers`);
  return 2 * length;
}

/** Numbers without an end known in advance. */
class GrowingFloats implements NumberSink {
  #values = new Float32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  pushAll(values: Float64Array): void {
    while (this.length + values.length > this.#values.length) this.#grow();
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  #grow(): void {
    const larger = new Float32Array(grownLength(this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }

  /** A view, not a copy. */
  toArray(): Float32Array {
    return this.#values.subarray(0, this.length);
  }
}

/** A text to be kept: V8 lets a part of a longer text hold on to all of it. */
export function ownText(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Collects labels that are texts: each distinct one is kept once. */
export class TextCollector {
  readonly #indexOf = new Map<string, number>();
  #indices = new Uint32Array(1024);
  #length = 0;

  push(text: string): void {
    let index = this.#indexOf.get(text);
    if (index === undefined) {
      index = this.#indexOf.size;
      this.#indexOf.set(ownText(text), index);
    }
    if (this.#length === this.#indices.length) {
      const larger = new Uint32Array(grownLength(this.#indices.length));
      larger.set(this.#indices);
      this.#indices = larger;
    }
    this.#indices[this.#length++] = index;
  }

  toTexts(): Texts {
    return {
      kind: 'texts',
      names: [...this.#indexOf.keys()],
      indices: this.#indices.subarray(0, this.#length),
    };
  }
}

/** Collects a table in memory. */
export class MemorySink implements SampleSink {
  readonly features = new GrowingFloats();
  readonly texts = new TextCollector();
  readonly numbers = new GrowingFloats();

  /** @param file labels that are a file of their own */
  labels({ labels, labelShape }: Table, file: RawLabels | null): RawLabels {
    if (labels === 'texts') return this.texts.toTexts();
    return file ?? numberLabels(this.numbers.toArray(), labelShape);
  }
}

/** Labels of one number per sample. */
function numberLabels(values: NumberArray, shape: readonly number[] = []): Numbers {
  const count = shape.length === 0 ? values.length : values.length / product(shape);
  return { kind: 'numbers', shape: [count, ...shape], values, isBytes: false };
}
