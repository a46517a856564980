import { listed, refuse, shapeText, type SampleSink, type Source } from '../rawData';
import { flatten, isNested, nestedShape } from '../nested';
import { dateIn, isMissing, isMissingValue, numberIn, parseTruth, type Cell } from './columnSurvey';
import type { PlannedColumn, TablePlan } from './plan';
import { missingCategory } from './tablePlan';
import { wordsOf } from './words';

/** Where a row stands in its file: from 1, for sentences. */
interface RowPlace {
  readonly row: number;
  readonly line: () => number | undefined;
}

/** A row as numbers: its features, and its label in one of two forms. */
interface EncodedRow {
  readonly features: Float64Array;
  readonly label: string | readonly number[] | null;
}

/** Makes samples of rows as a plan says, and counts what it had to leave out. */
export class RowEncoder {
  readonly #source: Source;
  readonly #plan: TablePlan;
  readonly droppedRows = { missing: 0, label: 0, firstLabel: 0 };
  unknownCategories = 0;
  readonly #width: number;
  readonly #places: readonly ReadonlyMap<string, number>[];

  constructor(source: Source, plan: TablePlan) {
    this.#source = source;
    this.#plan = plan;
    this.#width = plan.columns.reduce((total, { width }) => total + width, 0);
    this.#places = plan.columns.map(
      ({ encoding }) => new Map(listOf(encoding).map((value, at) => [value, at])),
    );
  }

  /** @returns null for a row that is left out */
  encode(cells: readonly Cell[], label: Cell, place: RowPlace): EncodedRow | null {
    const encoded = this.#label(label, place);
    if (encoded === undefined) return null;
    const features = new Float64Array(this.#width);
    let at = 0;
    for (let column = 0; column < this.#plan.columns.length; column++) {
      const planned = this.#plan.columns[column];
      if (!planned) continue;
      if (!this.#fill(planned, column, cells[column], features, at, place)) {
        this.droppedRows.missing++;
        return null;
      }
      at += planned.width;
    }
    return { features, label: encoded };
  }

  /** False where the row has to be left out. */
  #fill(
    planned: PlannedColumn,
    column: number,
    cell: Cell,
    into: Float64Array,
    at: number,
    place: RowPlace,
  ): boolean {
    const { encoding, name } = planned;
    switch (encoding.kind) {
      case 'oneHot':
      case 'ordinal': {
        const missing = isMissing(cell);
        if (missing && !this.#mayBeMissing(name, place)) return false;
        const found = this.#places[column]?.get(missing ? missingCategory : String(cell));
        if (found === undefined) this.unknownCategories++;
        if (encoding.kind === 'ordinal') into[at] = found ?? -1;
        else if (found !== undefined) into[at + found] = 1;
        return true;
      }
      case 'tokens': {
        const missing = isMissing(cell);
        if (missing && !this.#mayBeMissing(name, place)) return false;
        const { rule, length } = encoding;
        const words = missing ? [] : wordsOf(String(cell), rule).slice(0, length);
        words.forEach((word, index) => {
          const place = this.#places[column]?.get(word);
          into[at + index] = place === undefined ? rule.unknown : rule.first + place;
        });
        return true;
      }
      case 'array': {
        const shape = isNested(cell) ? nestedShape(cell) : null;
        if (shape?.join() !== encoding.shape.join())
          this.#refuseShape(name, cell, encoding.shape, place);
        let next = at;
        flatten(cell, (value) => {
          into[next++] = value;
        });
        return true;
      }
      case 'number':
      case 'boolean':
      case 'date':
        return this.#fillNumber(planned, cell, into, at, place);
    }
  }

  #fillNumber(
    { encoding, name, fill }: PlannedColumn,
    cell: Cell,
    into: Float64Array,
    at: number,
    place: RowPlace,
  ): boolean {
    const value =
      encoding.kind === 'number'
        ? numberIn(cell, encoding.style)
        : encoding.kind === 'boolean'
          ? parseTruth(cell)
          : encoding.kind === 'date'
            ? dateIn(cell, encoding.order)
            : NaN;
    if (Number.isFinite(Math.fround(value))) {
      into[at] = value;
      return true;
    }
    const isOdd = !isMissingValue(cell);
    if (isOdd && (this.#source.options.missing === 'error' || !Number.isNaN(value)))
      this.#refuseCell('dataValueNotNumber', name, cell, place);
    if (!this.#mayBeMissing(name, place)) return false;
    into[at] = fill;
    return true;
  }

  #mayBeMissing(column: string, place: RowPlace): boolean {
    const { missing } = this.#source.options;
    if (missing === 'error') this.#refuseCell('dataValueMissing', column, '', place);
    return missing === 'mean' && !this.#source.outputs?.has(column);
  }

  /** Undefined where there is none: the row is left out. */
  #label(cell: Cell, place: RowPlace): EncodedRow['label'] | undefined {
    const { label } = this.#plan;
    if (label === null) return null;
    if (isMissing(cell) || (label.isNumeric && isMissingValue(cell))) {
      if (this.#source.options.missing === 'error')
        this.#refuseCell('dataLabelValueMissing', label.name, cell, place);
      if (this.droppedRows.label++ === 0) this.droppedRows.firstLabel = place.row;
      return undefined;
    }
    if (label.kind === 'texts') {
      if (!label.isNumeric) return String(cell);
      const value = numberIn(cell, label.style);
      return typeof cell === 'string' && label.style === 'point' && Number(cell) === value
        ? cell
        : String(value);
    }
    if (isNested(cell)) {
      if (nestedShape(cell)?.join() !== label.shape.join())
        this.#refuseShape(label.name, cell, label.shape, place);
      const values: number[] = [];
      flatten(cell, (value) => values.push(value));
      return values;
    }
    const value = numberIn(cell, label.style);
    if (!Number.isFinite(Math.fround(value)))
      this.#refuseCell('dataLabelNotNumber', label.name, cell, place);
    return [value];
  }

  #refuseShape(
    name: string,
    cell: Cell,
    expected: readonly number[],
    { line, row }: RowPlace,
  ): never {
    const shape = isNested(cell) ? nestedShape(cell) : null;
    if (shape === null) return this.#refuseCell('dataValueNotNumber', name, cell, { line, row });
    const at = line();
    const { file } = this.#source;
    const values = { key: name, found: shapeText(shape), expected: shapeText(expected) };
    return refuse('dataJsonShape', values, at === undefined ? { file } : { file, line: at });
  }

  #refuseCell(
    reason:
      'dataValueMissing' | 'dataValueNotNumber' | 'dataLabelValueMissing' | 'dataLabelNotNumber',
    column: string,
    cell: Cell,
    { row, line }: RowPlace,
  ): never {
    const text = typeof cell === 'string' ? cell : shown(cell);
    const values = {
      row,
      column,
      actual: listed([text.slice(0, 60)]),
      loss: this.#source.loss ?? '',
    };
    const at = line();
    const { file } = this.#source;
    return refuse(reason, values, at === undefined ? { file } : { file, line: at });
  }
}

function listOf(encoding: PlannedColumn['encoding']): readonly string[] {
  if ('values' in encoding) return encoding.values;
  return encoding.kind === 'tokens' ? encoding.vocabulary : [];
}

/** A value of a typed format as text; what nests too deeply is only named. */
export function shown(value: unknown): string {
  try {
    return value === undefined ? '' : JSON.stringify(value);
  } catch {
    return typeof value;
  }
}

/** Puts an encoded row where samples go. */
export function pushRow(sink: SampleSink, { features, label }: EncodedRow): void {
  sink.features.pushAll(features);
  if (typeof label === 'string') sink.texts.push(label);
  else for (const value of label ?? []) sink.numbers.push(value);
}
