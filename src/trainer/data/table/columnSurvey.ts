import { isNested, nestedShape } from '../nested';
import { isDecimal, ownText } from '../rawData';
import { ambiguousParts, parseDate } from './dateText';
import { parseNumber } from './numberText';
import { WordCounts } from './words';
import type { ColumnType, DateOrder, NumberStyle } from './plan';

/** How programs write a missing value in any column. */
const missingWords = new Set(['na', 'n/a', 'nan', 'null', '#n/a', '?', '<na>', 'nat']);
/** Words that are missing values among numbers, and categories among texts. */
const doubtfulWords = new Set([
  'none',
  'unknown',
  'missing',
  'nil',
  'undefined',
  '-',
  '--',
  '.',
  'n.a.',
  '#n/a!',
  '#value!',
  'inf',
]);
/** Pairs of words for true and false; a column keeps to one of them. */
const truthPairs = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['t', 'f'],
] as const;
const truths = new Map<string, number>(
  truthPairs.flatMap(
    ([yes, no]) =>
      [
        [yes, 1],
        [no, 0],
      ] as const,
  ),
);
const pairOf = new Map<string, number>(
  truthPairs.flatMap((words, pair) => words.map((word) => [word, pair] as const)),
);

/** A cell as readers give it: texts of text files are trimmed, typed formats give their own types. */
export type Cell = unknown;

/** Whether there is no value: an empty text, null, NaN, or a word that says so. */
export function isMissing(cell: Cell): boolean {
  if (cell === undefined || cell === null || cell === '') return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  if (typeof cell !== 'string' || cell.length > 4) return false;
  const first = cell.charCodeAt(0);
  // A digit, sign or point: most cells of a table are numbers.
  const isNumeric = first <= 57 && first >= 43;
  return !isNumeric && missingWords.has(cell.toLowerCase());
}

/** As isMissing, in a column of numbers, dates or truth values. */
export function isMissingValue(cell: Cell): boolean {
  if (isMissing(cell)) return true;
  return typeof cell === 'string' && cell.length < 10 && doubtfulWords.has(cell.toLowerCase());
}

/** 1 or 0 for a truth value; NaN for another cell. */
export function parseTruth(cell: Cell): number {
  if (typeof cell === 'boolean') return Number(cell);
  return typeof cell === 'string' && cell.length < 6
    ? (truths.get(cell.toLowerCase()) ?? NaN)
    : NaN;
}

/** The number in a cell; NaN where it holds none. */
export function numberIn(cell: Cell, style: NumberStyle): number {
  if (typeof cell === 'string') return parseNumber(cell, style);
  return typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : NaN;
}

/** Days since 1970 of a date; NaN where a cell holds none. */
export function dateIn(cell: Cell, order: DateOrder): number {
  if (cell instanceof Date) return cell.getTime() / 86_400_000;
  return typeof cell === 'string' ? parseDate(cell, order) : NaN;
}

const groupedByPoints = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/;
/** Numbers that programs of measuring write where there is no value. */
const marks: ReadonlySet<number> = new Set([-99, -999, -9999, -99_999]);

/** Texts among this many numbers are errors, not categories; one text alone is a mark of any of them. */
const mostlyNumbers = 0.8;
const manyNumbers = 0.5;
const fewDistinct = 20;

/** Takes the cells of one column one by one and finds what the column holds. Constant memory. */
export class ColumnSurvey {
  readonly #mostDistinct: number;
  rows = 0;
  /** Cells without a value, whatever the column's type; `doubtful` are missing among numbers only. */
  missing = 0;
  #doubtful = 0;
  readonly #valid = { point: 0, comma: 0 };
  readonly #sums = { point: 0, comma: 0 };
  /** What the other columns write, for numbers that are some in both styles, such as 1.250. */
  usualStyle: NumberStyle = 'point';
  #written: string | null = null;
  #grouped: string | null = null;
  #isWhole = true;
  /** What is a number but may stand for a missing value. */
  readonly #mark = { value: 0, times: 0, lowest: Infinity };
  #truthPair: number | null = null;
  #truthCells = 0;
  #trueCells = 0;
  #dates = 0;
  readonly #dateSums = { dayFirst: 0, monthFirst: 0 };
  readonly #dateParts = { first: 0, second: 0, dotted: false };
  #arrays = 0;
  /** Shape of the first array, and the first other shape with its line. */
  shape: readonly number[] | null = null;
  otherShape: {
    readonly shape: readonly number[] | null;
    readonly line: number | undefined;
  } | null = null;
  #others = 0;
  /** Each distinct value and how often it stands there; null where there are too many to count. */
  distinct: Map<string, number> | null = new Map();
  /** Whether no value had come twice when there were too many to count. */
  #wasUnique = false;
  /** Whether each number is one more than the number before. */
  #countsRows = true;
  #first: number | null = null;
  #last: number | null = null;
  /** The first cell that is neither a number nor missing, and its row from 1. */
  odd: { readonly cell: string; readonly row: number } | null = null;
  #oddsDiffer = false;

  /** The words of its texts; null where they are not asked for. */
  readonly words: WordCounts | null;

  /**
   * @param mostDistinct how many distinct values are counted
   * @param countsWords whether words of texts are counted
   */
  constructor(
    public name: string,
    mostDistinct: number,
    countsWords = false,
  ) {
    this.#mostDistinct = mostDistinct;
    this.words = countsWords ? new WordCounts() : null;
  }

  /** @param line asked for where the cell is unlike the others */
  add(cell: Cell, line?: () => number | undefined): void {
    this.rows++;
    if (isMissing(cell)) this.missing++;
    else if (typeof cell === 'string') this.#addText(cell);
    else if (typeof cell === 'number' || typeof cell === 'bigint') {
      this.#count(String(cell));
      this.#addNumber(Number(cell));
    } else if (typeof cell === 'boolean') this.#addTruth(Number(cell), String(cell), String(cell));
    else if (cell instanceof Date) this.#addDate(cell.getTime() / 86_400_000, NaN);
    else this.#addArray(cell, line);
  }

  /** Takes a cell that stands before all others: of a first row that turned out to be no header. */
  addFirst(cell: Cell): void {
    const countsRows = this.#countsRows;
    const first = this.#first;
    const last = this.#last;
    this.add(cell);
    this.#countsRows = countsRows && numberIn(cell, 'point') + 1 === first;
    this.#last = last;
  }

  #addText(cell: string): void {
    this.#count(cell);
    this.words?.add(cell);
    if (isDecimal(cell)) {
      const value = Number(cell);
      // Without a point it is the same number in both styles; with one it seldom is any in the other.
      if (!cell.includes('.')) this.#addNumber(value);
      else if (!groupedByPoints.test(cell)) this.#addNumber(value, NaN);
      else {
        this.#grouped ??= cell;
        this.#addNumber(value, parseNumber(cell, 'comma'));
      }
      return;
    }
    if (isMissingValue(cell)) {
      this.#doubtful++;
      return;
    }
    const point = parseNumber(cell, 'point');
    const comma = parseNumber(cell, 'comma');
    if (!Number.isNaN(point) || !Number.isNaN(comma)) {
      this.#written ??= cell;
      this.#addNumber(point, comma);
      return;
    }
    this.odd ??= { cell, row: this.rows };
    this.#oddsDiffer ||= this.odd.cell !== cell;
    const truth = parseTruth(cell);
    if (!Number.isNaN(truth)) this.#addTruth(truth, null, cell.toLowerCase());
    else this.#addDated(cell);
  }

  #addDated(cell: string): void {
    const day = parseDate(cell, 'dayFirst');
    const month = parseDate(cell, 'monthFirst');
    if (Number.isNaN(day) && Number.isNaN(month)) return;
    const parts = ambiguousParts(cell);
    if (parts) {
      this.#dateParts.first = Math.max(this.#dateParts.first, parts[0]);
      this.#dateParts.second = Math.max(this.#dateParts.second, parts[1]);
      this.#dateParts.dotted ||= !cell.includes('/');
    }
    this.#addDate(day, month);
  }

  #addNumber(point: number, comma = point): void {
    this.#isWhole &&= Number.isInteger(point);
    if (marks.has(point)) {
      this.#mark.value = Math.min(this.#mark.value, point);
      this.#mark.times++;
    } else if (point < this.#mark.lowest) {
      this.#mark.lowest = point;
    }
    if (!Number.isNaN(point)) {
      this.#valid.point++;
      this.#sums.point += point;
    }
    if (!Number.isNaN(comma)) {
      this.#valid.comma++;
      this.#sums.comma += comma;
    }
    this.#countsRows &&= this.#last === null ? Number.isInteger(point) : point === this.#last + 1;
    this.#first ??= point;
    this.#last = point;
  }

  #addTruth(value: number, text: string | null, word: string): void {
    const pair = pairOf.get(word) ?? 0;
    this.#truthPair ??= pair;
    if (pair !== this.#truthPair) return;
    this.#truthCells++;
    this.#trueCells += value;
    if (text !== null) this.#count(text);
  }

  #addDate(day: number, month: number): void {
    this.#dates++;
    this.#dateSums.dayFirst += day;
    this.#dateSums.monthFirst += Number.isNaN(month) ? day : month;
  }

  #addArray(cell: Cell, line?: () => number | undefined): void {
    const shape = isNested(cell) ? nestedShape(cell) : null;
    if (shape === null && !(isNested(cell) && this.#arrays > 0)) {
      this.#others++;
      return;
    }
    if (this.#arrays++ === 0) this.shape = shape;
    else if (shape === null || this.shape?.join() !== shape.join())
      this.otherShape ??= { shape, line: line?.() };
  }

  #count(value: string): void {
    if (this.distinct === null) return;
    const times = this.distinct.get(value);
    if (times === undefined) this.distinct.set(ownText(value), 1);
    else this.distinct.set(value, times + 1);
    if (this.distinct.size <= this.#mostDistinct) return;
    this.#wasUnique = this.distinct.size === this.rows - this.missing;
    this.distinct = null;
  }

  get style(): NumberStyle {
    const { point, comma } = this.#valid;
    if (comma !== point) return comma > point ? 'comma' : 'point';
    return this.#sums.point === this.#sums.comma ? 'point' : this.usualStyle;
  }

  /** The style that its numbers can only have; null where they may have both. */
  get sureStyle(): NumberStyle | null {
    const { point, comma } = this.#valid;
    if (this.type !== 'number' || point === comma) return null;
    return comma > point ? 'comma' : 'point';
  }

  /** The first number that is not written plainly, such as "$1,200". */
  get written(): string | null {
    return this.#written ?? (this.style === 'comma' ? this.#grouped : null);
  }

  get dateOrder(): DateOrder {
    const { first, second, dotted } = this.#dateParts;
    if (first > 12) return 'dayFirst';
    return second > 12 || !dotted ? 'monthFirst' : 'dayFirst';
  }

  get type(): ColumnType {
    const present = this.rows - this.missing;
    if (present === 0) return 'empty';
    if (this.#others > 0) return 'other';
    if (this.#arrays > 0) return this.#arrays === present ? 'array' : 'other';
    const numbers = this.#valid[this.style];
    const values = present - this.#doubtful;
    if (values === 0) return 'text';
    if (numbers === values) return 'number';
    if (this.#truthCells === values) return 'boolean';
    if (this.#dates === values) return 'date';
    return this.#isMostlyNumbers(numbers, values) ? 'number' : 'text';
  }

  /** The mean of the values, for those that are missing. */
  get mean(): number {
    const { type } = this;
    if (type === 'number') return this.#sums[this.style] / this.#valid[this.style];
    if (type === 'boolean') return this.#trueCells / this.#truthCells;
    return type === 'date' ? this.#dateSums[this.dateOrder] / this.#dates : 0;
  }

  /** How many cells have no value, for the type the column has. */
  get missingValues(): number {
    const { type } = this;
    const isValue = type === 'number' || type === 'boolean' || type === 'date';
    return this.missing + (isValue ? this.#doubtful : 0);
  }

  /** Cells in a column of numbers that are neither numbers nor missing. */
  get oddCells(): number {
    if (this.type !== 'number') return 0;
    return this.rows - this.missing - this.#doubtful - this.#valid[this.style];
  }

  /** Whether every value is the same. */
  get isConstant(): boolean {
    return this.rows > 1 && this.missing === 0 && this.distinct?.size === 1;
  }

  /** Whether this counts the rows: 1, 2, 3 … from any start. */
  get isRowNumber(): boolean {
    return this.rows > 3 && this.type === 'number' && this.missingValues === 0 && this.#countsRows;
  }

  /** Whether each row has a whole number of its own, as an id is one. */
  get isUniqueInteger(): boolean {
    if (this.rows < 4 || this.type !== 'number' || !this.#isWhole || this.missingValues > 0)
      return false;
    return this.distinct === null ? this.#wasUnique : this.distinct.size === this.rows;
  }

  /** A number far below all others that may stand for missing values, and how often it does. */
  get likelyMark(): { readonly value: number; readonly times: number } | null {
    const { value, times, lowest } = this.#mark;
    return times > 1 && lowest < Infinity && lowest > value / 4 ? { value, times } : null;
  }

  #isMostlyNumbers(numbers: number, values: number): boolean {
    const most = this.#oddsDiffer ? mostlyNumbers : manyNumbers;
    if (this.#truthCells + this.#dates > 0 || numbers < most * values) return false;
    if (this.distinct === null || this.distinct.size > fewDistinct) return true;
    // A text that repeats among few values, such as "3+" after 0, 1 and 2, is one of them.
    return [...this.distinct].every(([value, times]) => isDecimal(value) || times === 1);
  }
}
