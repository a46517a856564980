import { CsvError, parse } from 'csv-parse';
import { finished } from 'node:stream/promises';
import { selectParts } from './columns';
import { streamUnpacked } from './fileBytes';
import {
  isDecimal,
  listed,
  refuse,
  wantsNumbers,
  type RawData,
  type SampleSink,
  type Source,
  type Table,
} from './rawData';
import { readTable } from './readTable';

/** How programs write "no value"; each is a missing one, not a text. */
const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?']);

/** Reads a table with a header line into memory. */
export function readCsv(source: Source): Promise<RawData> {
  return readTable(source, readCsvRows);
}

/** Reads a table with a header line row by row, never holding the whole text. */
export async function readCsvRows(source: Source, sink: SampleSink): Promise<Table> {
  const delimiter = /\.tsv(\.gz)?$/i.test(source.file) ? '\t' : ',';
  const rows = new CsvRows(source, delimiter, sink);
  const input = await streamUnpacked(source, source.file);
  const parser = parse({
    delimiter,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    on_record: (record: string[], { lines }) => {
      rows.add(record, lines);
      return null;
    },
  });
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  parser.resume();
  try {
    await finished(parser);
  } catch (error) {
    input.destroy();
    if (error instanceof CsvError) refuseSyntax(error, source);
    throw error;
  }
  return rows.toTable();
}

function refuseSyntax(error: CsvError, { file }: Source): never {
  const detail = error as CsvError & {
    lines?: number;
    records?: number;
    columns?: unknown;
    record?: unknown[];
    expected?: number;
  };
  const place = { file, ...(detail.lines === undefined ? {} : { line: detail.lines }) };
  const row = detail.records ?? 1;
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' && detail.record) {
    const expected = /expect (\d+)/.exec(error.message)?.[1] ?? '';
    refuse('dataRowLength', { row, found: detail.record.length, expected }, place);
  }
  return refuse('dataCsvSyntax', { row, cause: error.message }, place);
}

/** The rows as numbers, checked one by one. */
class CsvRows {
  private header: readonly string[] | null = null;
  private featureColumns: readonly number[] = [];
  private labelColumn = -1;
  private rows = 0;
  private readonly numericLabels: boolean;

  constructor(
    private readonly source: Source,
    private readonly delimiter: string,
    private readonly sink: SampleSink,
  ) {
    this.numericLabels = wantsNumbers(source.loss);
  }

  /** @param lastLine the line, from 1, on which the record ends */
  add(record: readonly string[], lastLine: number): void {
    if (!this.header) {
      this.header = this.checkHeader(record);
      return;
    }
    if (this.rows === 0) this.select(this.header, record);
    this.rows++;
    for (const column of this.featureColumns) {
      this.sink.features.push(this.feature(record, column, lastLine));
    }
    if (this.labelColumn >= 0) this.addLabel(record, lastLine);
  }

  toTable(): Table {
    const { header, source } = this;
    if (!header || this.rows === 0)
      refuse('dataEmpty', { path: source.name }, { file: source.file });
    const featureNames = this.featureColumns.map((column) => header[column] ?? '');
    const inTable = this.numericLabels ? 'numbers' : 'texts';
    return {
      count: this.rows,
      sampleShape: [featureNames.length],
      featureNames,
      labels: this.labelColumn < 0 ? null : inTable,
      labelShape: [],
    };
  }

  private checkHeader(record: readonly string[]): readonly string[] {
    const { file, name } = this.source;
    const place = { file, line: 1 };
    if (record.some((cell) => cell.includes('\u0000') || cell.includes('\uFFFD')))
      refuse('dataNotUtf8', { path: name }, place);
    if (record.every((cell) => isDecimal(cell))) refuse('dataHeaderMissing', { path: name }, place);
    const [only = ''] = record;
    if (record.length === 1 && /[;\t,|]/.test(only)) {
      const expected = this.delimiter === '\t' ? 'tabs' : 'commas';
      refuse('dataSeparator', { path: name, expected, found: `"${only.slice(0, 60)}"` }, place);
    }
    const twice = record.find((cell, index) => cell !== '' && record.indexOf(cell) !== index);
    if (twice !== undefined) refuse('dataHeaderTwice', { path: name, name: twice }, place);
    return record;
  }

  private select(header: readonly string[], firstRow: readonly string[]): void {
    // An empty cell says nothing of its column: taken as numeric, it is then refused by name.
    const numeric = header.filter((_, column) => {
      const cell = firstRow[column] ?? '';
      return isDecimal(cell) || missing.has(cell.toLowerCase());
    });
    const { features, label } = selectParts(this.source, 'column', header, numeric);
    this.featureColumns = features.map((name) => header.indexOf(name));
    this.labelColumn = label === null ? -1 : header.indexOf(label);
  }

  private feature(record: readonly string[], column: number, lastLine: number): number {
    const cell = record[column] ?? '';
    if (isDecimal(cell)) {
      const value = Math.fround(Number(cell));
      if (Number.isFinite(value)) return value;
    }
    const reason = missing.has(cell.toLowerCase()) ? 'dataValueMissing' : 'dataValueNotNumber';
    return refuse(reason, this.cellValues(column, cell), this.placeOf(record, lastLine));
  }

  private addLabel(record: readonly string[], lastLine: number): void {
    const cell = record[this.labelColumn] ?? '';
    const values = this.cellValues(this.labelColumn, cell);
    if (missing.has(cell.toLowerCase()) && (cell === '' || this.numericLabels))
      refuse('dataLabelValueMissing', values, this.placeOf(record, lastLine));
    if (!this.numericLabels) {
      if (cell.includes('\uFFFD'))
        refuse('dataNotUtf8', { path: this.source.name }, this.placeOf(record, lastLine));
      this.sink.texts.push(cell);
      return;
    }
    const value = isDecimal(cell) ? Math.fround(Number(cell)) : NaN;
    if (!Number.isFinite(value))
      refuse('dataLabelNotNumber', values, this.placeOf(record, lastLine));
    this.sink.numbers.push(value);
  }

  private cellValues(column: number, cell: string) {
    return {
      row: this.rows,
      column: this.header?.[column] ?? '',
      actual: listed([cell.slice(0, 60)]),
      loss: this.source.loss ?? '',
    };
  }

  private placeOf(record: readonly string[], lastLine: number) {
    const breaks = record.reduce(
      (total, cell) => total + (cell.match(/\r\n|\r|\n/g) ?? []).length,
      0,
    );
    return { file: this.source.file, line: lastLine - breaks };
  }
}
