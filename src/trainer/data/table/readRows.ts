import { formatBytes } from '../../../core/text/format';
import type { Text } from '../../../core/text/problem';
import type { Part } from '../columns';
import { dataKey, product, refuse, type SampleSink, type Source, type Table } from '../rawData';
import { ColumnSurvey, type Cell } from './columnSurvey';
import { looksLikeData } from './header';
import { RowEncoder, pushRow } from './rowEncoder';
import type { ColumnReport, TablePlan } from './plan';
import { TablePlanner } from './tablePlan';
import { RowWindow } from './rowWindow';
import { NotUtf8 } from './textEncoding';

/** A row as its file has it. `line` is asked for only where a sentence names it. */
export type VisitRow = (cells: readonly Cell[], line: () => number | undefined) => void;

/** A table that can be read from its beginning any number of times. */
export interface RowSource {
  readonly part: Part;
  /** Whether the first row may name the columns; else `names` are known once rows were read. */
  readonly firstRowMayBeHeader: boolean;
  readonly names: readonly string[];
  /** Empty rows that were left out of the last reading. */
  readonly blankRows: number;
  /** What was found out before any row was read. */
  readonly notes: readonly Text[];
  /** Reads all rows in order. `last` is the reading that counts for the hash. */
  read(visit: VisitRow, last: boolean): Promise<void>;
}

/** A file with more is not a table of samples: it is binary, or its rows and columns are swapped. */
const mostColumns = 100_000;
const mostDistinct = 1000;
/** What longer windows and texts are made into at most; other tables become about what they hold. */
const mostMadeBytes = 4e9;
const usualLength = 128;

/**
 * Reads a table in two passes: the first looks at whole columns and decides what becomes of them,
 * the second makes samples. A validation file is read in one, by the plan of the training data.
 */
export async function readRows(
  source: Source,
  open: (source: Source) => Promise<RowSource>,
  sink: SampleSink,
): Promise<Table> {
  if (source.plan) return encodeRows(source, await open(source), source.plan, [], sink);
  const { rows, plan, columns } = await surveyText(source, open);
  return encodeRows(source, rows, plan, columns, sink);
}

/** Takes a text for UTF-8, and begins again where it turns out not to be. */
async function surveyText(
  source: Source,
  open: (source: Source) => Promise<RowSource>,
): Promise<Surveyed> {
  try {
    return await surveyRows(source, await open({ ...source, isUtf8: true }));
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    return surveyRows(source, await open({ ...source, isUtf8: false }));
  }
}

interface Surveyed {
  readonly rows: RowSource;
  readonly plan: TablePlan;
  readonly columns: readonly ColumnReport[];
}

async function surveyRows(source: Source, rows: RowSource): Promise<Surveyed> {
  const surveys: ColumnSurvey[] = [];
  let head: readonly Cell[] | null = null;
  let count = 0;
  await rows.read((cells, line) => {
    if (rows.firstRowMayBeHeader && head === null) {
      checkWidth(source, cells.length, line());
      head = [...cells];
      return;
    }
    if (cells.length > surveys.length) {
      checkWidth(source, cells.length, line());
      const distinct = Math.max(16, Math.min(mostDistinct, Math.floor(2 ** 20 / cells.length)));
      while (surveys.length < cells.length) surveys.push(surveyFrom(count, distinct, source));
    }
    count++;
    for (let column = 0; column < surveys.length; column++)
      surveys[column]?.add(cells[column], line);
  }, false);
  const first = head as readonly Cell[] | null;
  if (first === null && count === 0)
    refuse('dataEmpty', { path: source.name }, { file: source.file });
  const hasHeader = first !== null && nameColumns(source, first, surveys);
  if (first === null)
    surveys.forEach((survey, column) => {
      survey.name = rows.names[column] ?? '';
    });
  shareStyle(surveys);
  const planner = new TablePlanner(source, rows.part, surveys, hasHeader);
  const plan = planner.plan();
  checkSamples(source, plan, surveys[0]?.rows ?? 0);
  for (const note of [...rows.notes, ...headerNotes(source, hasHeader, first), ...planner.notes])
    source.note(note);
  return { rows, plan, columns: planner.reports(plan) };
}

/** Numbers that could be written in either style are written as those of the other columns. */
function shareStyle(surveys: readonly ColumnSurvey[]): void {
  const styles = new Set(surveys.map(({ sureStyle }) => sureStyle));
  if (!styles.has('comma') || styles.has('point')) return;
  for (const survey of surveys) survey.usualStyle = 'comma';
}

/** Refuses windows and texts that make far more numbers of a table than it holds, before they are made. */
function checkSamples(source: Source, plan: TablePlan, rows: number): void {
  const { columns, window } = plan;
  const { name: path, options, key } = source;
  const place = window && options.window ? ['window', 'size'] : options.text ? ['text'] : [key];
  const at = dataKey(source, ...place);
  const needed = window ? window.size + window.ahead : 1;
  if (rows < needed && window) refuse('dataWindowLong', { path, rows, needed }, at);
  const samples = rows - needed + 1;
  if (samples <= mostSamples(plan)) return;
  const bytes = samples * sampleBytes(plan);
  const values = { path, samples, needed: formatBytes(bytes), most: formatBytes(mostMadeBytes) };
  if (window) refuse('dataWindowLarge', { ...values, rows: window.size }, at);
  const length = Math.max(...columns.map(({ width }) => width));
  refuse('dataTextLarge', { ...values, length }, at);
}

/** How many samples a table may make; any number where each is about as long as people make them. */
function mostSamples(plan: TablePlan): number {
  const texts = plan.columns.filter(({ encoding }) => encoding.kind === 'tokens');
  const length = plan.window?.size ?? Math.max(0, ...texts.map(({ width }) => width));
  return length > usualLength ? mostMadeBytes / sampleBytes(plan) : Infinity;
}

function sampleBytes({ columns, window }: TablePlan): number {
  const width = columns.reduce((total, column) => total + column.width, 0);
  return width * (window?.size ?? 1) * Float32Array.BYTES_PER_ELEMENT;
}

function checkWidth({ name, file }: Source, found: number, line: number | undefined): void {
  if (found <= mostColumns) return;
  const place = line === undefined ? { file } : { file, line };
  refuse('dataManyColumns', { path: name, found, most: mostColumns }, place);
}

/** A column that the rows before did not have. */
function surveyFrom(rows: number, distinct: number, { options, lookup }: Source): ColumnSurvey {
  const countsWords = options.text !== undefined || lookup?.rule.splits === true;
  const survey = new ColumnSurvey('', distinct, countsWords);
  for (let row = 0; row < rows; row++) survey.add(undefined);
  return survey;
}

/** Gives columns their names; a first row that is data is counted as such. True for a header. */
function nameColumns(source: Source, first: readonly Cell[], surveys: ColumnSurvey[]): boolean {
  // Only text files have a header.
  const texts = first.map((cell) => (typeof cell === 'string' ? cell : ''));
  const { header } = source.options;
  while (surveys.length < first.length) surveys.push(new ColumnSurvey('', mostDistinct));
  const isData =
    header === 'auto' ? looksLikeData(texts, surveys, source.label) : header === 'none';
  if (isData) {
    surveys.forEach((survey, column) => {
      survey.name = String(column);
      survey.addFirst(first[column]);
    });
    refuseUnnumbered(source, texts);
    return false;
  }
  if (surveys[0]?.rows === 0) refuse('dataEmpty', { path: source.name }, { file: source.file });
  const twice = firstTwice(texts);
  if (twice !== undefined)
    refuse('dataHeaderTwice', { path: source.name, name: twice }, { file: source.file, line: 1 });
  surveys.forEach((survey, column) => {
    survey.name = texts[column] ?? '';
  });
  return true;
}

/** The first name that stands twice; columns without one are no matter. */
export function firstTwice(texts: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return texts.find((text) => text !== '' && seen.size === seen.add(text).size);
}

/** A label or feature by name, of a file that names none. */
function refuseUnnumbered({ name, file, label, features = [] }: Source, first: readonly string[]) {
  const isNumber = (text: string) => /^\d+$/.test(text) && Number(text) < first.length;
  const wrong = [...(label === undefined ? [] : [label]), ...features].find(
    (text) => !isNumber(text),
  );
  if (wrong === undefined) return;
  const values = { path: name, name: wrong, last: first.length - 1, value: first.at(-1) ?? '' };
  refuse('dataHeaderMissing', values, { file, line: 1 });
}

function headerNotes({ name }: Source, hasHeader: boolean, first: readonly Cell[] | null): Text[] {
  if (first === null || hasHeader) return [];
  return [{ id: 'dataNoteNoHeader', values: { path: name, last: first.length - 1 } }];
}

async function encodeRows(
  source: Source,
  rows: RowSource,
  plan: TablePlan,
  columns: readonly ColumnReport[],
  sink: SampleSink,
): Promise<Table> {
  const encoder = new RowEncoder(source, plan);
  const { window } = plan;
  const windowed = window && new RowWindow(window, sink);
  let places: Places | null = rows.firstRowMayBeHeader && plan.hasHeader ? null : numbered(plan);
  let namesKnown = 0;
  const most = mostSamples(plan);
  let row = 0;
  let count = 0;
  await rows.read((cells, line) => {
    if (places === null) {
      places = placesOf(source, rows.part, plan, cells.map(String));
      return;
    }
    if (!rows.firstRowMayBeHeader && rows.names.length > namesKnown) {
      namesKnown = rows.names.length;
      places = placesOf(source, rows.part, plan, rows.names, false);
    }
    row++;
    const { features, label } = places;
    const picked = features.map((column) => cells[column]);
    const encoded = encoder.encode(picked, cells[label], { row, line });
    if (encoded === null) return;
    if (windowed) count += windowed.add(encoded);
    else {
      pushRow(sink, encoded);
      count++;
    }
    if (count > most) checkSamples(source, plan, row);
  }, true);
  if (row === 0) refuse('dataEmpty', { path: source.name }, { file: source.file });
  if (count === 0) refuse('dataRowsAllLeftOut', { path: source.name }, { file: source.file });
  tellOfRows(source, rows, encoder);
  const width = plan.columns.reduce((total, column) => total + column.width, 0);
  const [only] = plan.columns;
  const own =
    plan.columns.length === 1 && only?.encoding.kind === 'array' && only.encoding.shape.length > 0
      ? only.encoding.shape
      : [width];
  return {
    count,
    sampleShape: window ? [window.size, product(own)] : own,
    featureNames: plan.columns.flatMap((column) => expandedNames(column)),
    labels: plan.label?.kind ?? null,
    labelShape: plan.label?.shape ?? [],
    table: { plan, columns },
    inTime: window !== null,
  };
}

function expandedNames({ name, width, encoding }: TablePlan['columns'][number]): string[] {
  if (encoding.kind === 'oneHot') return encoding.values.map((value) => `${name}=${value}`);
  return Array.from({ length: width }, () => name);
}

interface Places {
  readonly features: readonly number[];
  readonly label: number;
}

function numbered({ columns, label }: TablePlan): Places {
  return { features: columns.map(({ name }) => Number(name)), label: Number(label?.name ?? -1) };
}

/** Where the planned columns stand in this file; what it lacks is refused, or found in later rows. */
function placesOf(
  source: Source,
  part: Part,
  plan: TablePlan,
  names: readonly string[],
  strict = true,
): Places {
  const find = (name: string, reason: 'dataFeatureNotFound' | 'dataLabelNotFound') => {
    const found = names.indexOf(name);
    if (found < 0 && strict) {
      const values = { path: source.name, kind: part, name, known: names.join(', ').slice(0, 200) };
      refuse(reason, values, { file: source.file, line: 1 });
    }
    return found;
  };
  return {
    features: plan.columns.map(({ name }) => find(name, 'dataFeatureNotFound')),
    label: plan.label === null ? -1 : find(plan.label.name, 'dataLabelNotFound'),
  };
}

function tellOfRows(source: Source, rows: RowSource, encoder: RowEncoder): void {
  const { droppedRows, unknownCategories } = encoder;
  const path = source.name;
  const note = (id: Text['id'], count: number, values: Text['values'] = {}) => {
    if (count > 0) source.note({ id, values: { path, count, ...values } });
  };
  note('dataNoteBlankRows', rows.blankRows);
  note('dataNoteLabelsMissing', droppedRows.label, { row: droppedRows.firstLabel });
  note('dataNoteRowsDropped', droppedRows.missing);
  note('dataNoteUnknownCategories', unknownCategories);
  if (source.labelsFile !== null && droppedRows.missing > 0)
    refuse('dataDropLabelsFile', { path }, { file: source.file });
}
