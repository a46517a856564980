import { parse } from 'csv-parse/sync';

/** Guesses from the beginnings of files, so that the likely answer stands first. */

/** How a data file says which of its parts is the label. */
type LabelSource = 'column' | 'key' | 'file' | 'none';

/** What a person is asked about the labels of a data file, by its name. */
export function labelSource(file: string): LabelSource {
  const name = file.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|parquet|arrow|feather)$/.test(name)) return 'column';
  if (/\.(jsonl|npz)$/.test(name)) return 'key';
  if (/\.(mjs|cjs|js|ts|mts|cts)$/.test(name) || !isDataName(file)) return 'none';
  return 'file';
}

/** Names that data files have; folders of images and modules are found otherwise. */
export function isDataName(file: string): boolean {
  const name = file.toLowerCase().replace(/\.gz$/, '');
  return (
    /\.(csv|tsv|parquet|arrow|feather|jsonl|npy|npz|idx)$/.test(name) ||
    /[-.]idx\d-ubyte$/.test(name)
  );
}

/** A layers model as JSON: tfjs, Keras 2 or Keras 3. */
export function looksLikeTopology(head: string): boolean {
  return (
    /"(class_name|className)"\s*:/.test(head) &&
    /"(modelTopology|model_config|config|layers)"\s*:/.test(head)
  );
}

/** A module whose createModel(tf) builds the model. */
export function looksLikeModelModule(head: string): boolean {
  return /\bexport\b[^;]*\bcreateModel\b/.test(head);
}

/** Whether a topology carries the loss it was compiled with. */
export function isCompiled(text: string): boolean {
  return /"(training_config|trainingConfig|compile_config)"\s*:\s*\{/.test(text);
}

/** Rows of a table's beginning, header first; empty when it cannot be read. */
export function tableRows(head: string, tabs: boolean): string[][] {
  try {
    const rows: unknown = parse(head, {
      delimiter: separatorOf(head, tabs ? '\t' : ','),
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      to: 200,
    });
    return Array.isArray(rows) ? (rows as string[][]) : [];
  } catch {
    return [];
  }
}

/** The one that the header has, the file's own first. */
function separatorOf(head: string, own: string): string {
  const header = head.split(/\r?\n/, 1)[0] ?? '';
  return [own, ';', '\t', '|', ','].find((separator) => header.includes(separator)) ?? own;
}

/** A column of a table's beginning, by which a person knows it. */
export interface ColumnPreview {
  readonly name: string;
  readonly cells: readonly string[];
  readonly holds: 'numbers' | 'texts' | 'nothing';
  /** Each value and how often it stands there, the most frequent first; null where there are many. */
  readonly values: readonly (readonly [value: string, times: number])[] | null;
}

const mostValues = 20;

/** Columns by their names; by their number where the first row is data. */
export function previewColumns(
  [first = [], ...rest]: readonly (readonly string[])[],
  isNamed = false,
): ColumnPreview[] {
  const isNumber = (cell: string) => !Number.isNaN(Number(cell));
  const columns = first.map((name, column) => {
    const below = rest.map((row) => row[column] ?? '');
    const present = below.filter((cell) => cell !== '');
    return { name, below, isNumeric: present.length > 0 && present.every(isNumber) };
  });
  const numeric = columns.filter(({ isNumeric }) => isNumeric);
  const alike = numeric.filter(({ name }) => name !== '' && isNumber(name));
  const isHeader = isNamed || alike.length === 0 || 2 * alike.length < numeric.length;
  return columns.map(({ name, below, isNumeric }, column) => {
    const cells = isHeader ? below : [name, ...below];
    const times = new Map<string, number>();
    for (const cell of cells) if (cell !== '') times.set(cell, (times.get(cell) ?? 0) + 1);
    const values = [...times].sort(([, one], [, other]) => other - one);
    return {
      name: isHeader ? name : String(column),
      cells,
      holds: values.length === 0 ? 'nothing' : isNumeric ? 'numbers' : 'texts',
      values: values.length > mostValues || 2 * values.length > cells.length ? null : values,
    };
  });
}

/** The rows of a JSONL file's beginning: its keys first. */
export function jsonlRows(head: string): string[][] {
  const keys = jsonlKeys(head);
  if (keys.length === 0) return [];
  const rows = head
    .split(/\r?\n/)
    .slice(0, 200)
    .flatMap((line): string[][] => {
      try {
        const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
        return [keys.map((key) => cellText(value[key]))];
      } catch {
        return [];
      }
    });
  return [keys, ...rows];
}

function cellText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Keys of the first object of a JSONL file. */
function jsonlKeys(head: string): string[] {
  const line = head.split(/\r?\n/, 1)[0] ?? '';
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : [];
  } catch {
    return [];
  }
}

const labelNames = ['label', 'labels', 'class', 'target', 'y', 'species', 'category', 'outcome'];

const startsLikeDate = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/;

/**
 * The names of columns with the one that is most likely the label first: by name, else the last one
 * that has numbers or a few values. Texts that differ from row to row are names, dates are no labels
 * either, and one value for all rows is none.
 */
export function byLikelihoodOfLabel(columns: readonly ColumnPreview[]): string[] {
  const mayBeLabel = ({ name, holds, values, cells }: ColumnPreview) => {
    const differ = values === null ? holds === 'numbers' : values.length > 1;
    return name !== '' && differ && !cells.some((cell) => startsLikeDate.test(cell));
  };
  const last = columns.findLast(mayBeLabel) ?? columns.at(-1);
  const rank = (column: ColumnPreview) => {
    const named = labelNames.indexOf(column.name.toLowerCase());
    if (named >= 0) return named;
    return column === last ? labelNames.length : labelNames.length + 1;
  };
  return columns.toSorted((a, b) => rank(a) - rank(b)).map(({ name }) => name);
}

/** The loss that fits a column of labels: names and few whole numbers are classes. */
export function likelyLoss(labels: readonly string[]): string {
  const values = labels.filter((label) => label !== '');
  const distinct = new Set(values);
  const names = values.some((value) => Number.isNaN(Number(value)));
  const whole = values.every((value) => Number.isInteger(Number(value)));
  const few = distinct.size <= Math.max(20, Math.sqrt(values.length));
  return names || (whole && few) ? 'categoricalCrossentropy' : 'meanSquaredError';
}

/** Files that may hold the labels of another one, the likeliest first. */
export function byLikelihoodOfLabels(train: string, files: readonly string[]): string[] {
  const prefix = (first: string, second: string) => {
    let length = 0;
    while (length < first.length && first[length] === second[length]) length++;
    return length;
  };
  const score = (file: string) =>
    (/label|target|[_-]y\b/i.test(file) ? 1000 : 0) + prefix(train, file);
  return files.filter((file) => file !== train).toSorted((a, b) => score(b) - score(a));
}
