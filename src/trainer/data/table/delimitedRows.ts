import { separators, type Separator } from '../../../config/dataSchema';
import type { Text } from '../../../core/text/problem';
import { streamUnpacked, unpackedStart } from '../fileBytes';
import { refuse, type Source } from '../rawData';
import { CsvFault, CsvRows } from './csvRows';
import { textEncoding, textPieces, type TextEncoding } from './textEncoding';
import type { RowSource, VisitRow } from './readRows';

const sampleBytes = 2 ** 16;
/** A longer row is not a table's row. */
const mostLetters = 2 ** 26;

/** Opens a text file with one row per line: finds its encoding and what separates its columns. */
export async function openDelimited(source: Source): Promise<RowSource> {
  const encoding = await textEncoding(source);
  const start = await unpackedStart(source.file, sampleBytes);
  const isWhole = start.length < sampleBytes;
  const sample = new TextDecoder(encoding.name).decode(start);
  const own = /\.(?:tsv|tab)(?:\.gz)?$/i.test(source.file) ? '\t' : ',';
  const asked = source.options.separator;
  const all = bareLines(sample, isWhole);
  const comments = all.findIndex((line) => !/^\s*[#%]/.test(line));
  const lines = all.slice(Math.max(0, comments));
  const separator = asked === 'auto' ? findSeparator(lines, own) : separators[asked];
  const top: TopLines = {
    comments: comments - Number(isHeader(all[comments - 1], lines[0] ?? '', separator)),
    lacksName: lacksName(lines, separator),
  };
  if (asked === 'auto' && isProse(lines, separator))
    refuse('dataIsProse', { path: source.name }, { file: source.file });
  const newline = !sample.includes('\n') && sample.includes('\r') ? '\r' : '\n';
  const layout = { separator, newline, ...top } as const;
  const quotes = separator !== '\t' || !hasStrayQuotes(sample, isWhole, layout);
  return new DelimitedRows(source, encoding, { ...layout, quotes }, [
    ...encoding.notes,
    ...topNotes(source, top),
    ...(quotes ? [] : [{ id: 'dataNoteQuotes', values: { path: source.name } } as const]),
    ...(separator === own || asked !== 'auto' ? [] : [separatorNote(source, separator)]),
  ]);
}

function separatorNote({ name }: Source, separator: Separator): Text {
  const shown = separator === '\t' ? 'tab' : separator;
  return { id: 'dataNoteSeparator', values: { path: name, separator: shown } };
}

/** What stands above the rows. */
interface TopLines {
  /** Lines to leave out. */
  readonly comments: number;
  /** Whether the header has no name for the first column, as `write.table` of R writes it. */
  readonly lacksName: boolean;
}

function topNotes({ name: path }: Source, { comments, lacksName }: TopLines): Text[] {
  const found: Text[] = [];
  if (comments > 0) found.push({ id: 'dataNoteComments', values: { path, count: comments } });
  if (lacksName) found.push({ id: 'dataNoteRowNames', values: { path } });
  return found;
}

/** The lines of a text's beginning that hold something; separators in quotation marks are part of a text. */
function bareLines(sample: string, isWhole: boolean): string[] {
  const lines = sample.replace(/"(?:[^"]|"")*"/g, '""').split(/\r\n|\r|\n/);
  if (!isWhole && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== '');
}

/** Whether the last comment names the columns: it has as many as the first row. */
function isHeader(comment: string | undefined, row: string, separator: Separator): boolean {
  if (comment === undefined) return false;
  const count = splitCount(comment.replace(/^[\s#%]+/, ''), separator);
  return count > 1 && count === splitCount(row, separator);
}

/** Whether texts begin with quotation marks that enclose no cell, as in tab-separated texts. */
function hasStrayQuotes(
  sample: string,
  isWhole: boolean,
  { newline }: Pick<Layout, 'newline'>,
): boolean {
  const rows = new CsvRows({ separator: '\t', newline, quotes: true, mostLetters });
  const whole = isWhole ? sample : sample.slice(0, sample.lastIndexOf(newline) + 1);
  try {
    Array.from(rows.take(whole, true));
    return false;
  } catch (error) {
    // A cell may go on beyond the sample.
    return error instanceof CsvFault && (isWhole || error.reason === 'causeAfterQuote');
  }
}

function lacksName([header = '', ...rows]: readonly string[], separator: Separator): boolean {
  const names = splitCount(header, separator);
  return (
    names > 1 &&
    rows.length > 0 &&
    rows.every((row) => splitCount(row, separator) === names + 1 && !endsEmpty(row, separator))
  );
}

function endsEmpty(row: string, separator: Separator): boolean {
  return separator !== 'blanks' && row.trimEnd().endsWith(separator);
}

/**
 * The separator that gives every line the same number of columns, more than one; the file's own
 * where none does.
 */
function findSeparator(lines: readonly string[], own: Separator): Separator {
  const full = lines.slice(0, 50);
  const isConsistent = (separator: Separator) => {
    const counts = full.map((line) => splitCount(line, separator));
    return (counts[0] ?? 1) > 1 && counts.every((count) => count === counts[0]);
  };
  const order: readonly Separator[] = own === '\t' ? ['\t', ';', '|', ','] : [';', '\t', '|', ','];
  const consistent = order.filter(isConsistent);
  if (consistent.includes(own) && own === ',' && consistent.length > 1) {
    // Decimal commas give each line as many commas, too; a header has none of them.
    return consistent[0] ?? own;
  }
  const [found] = consistent;
  // Columns of numbers are set apart by any blanks, tabs among them.
  if (
    found === '\t' &&
    own !== '\t' &&
    isConsistent('blanks') &&
    lines.every((line) => /^[\s\d.eE+-]*$/.test(line))
  )
    return 'blanks';
  if (found !== undefined) return found;
  // Ragged lines: what the header has most of, if it has any.
  const [header = ''] = full;
  const most = order
    .map((separator) => ({ separator, count: splitCount(header, separator) }))
    .sort((one, other) => other.count - one.count)[0];
  if (most && most.count > 1) return splitCount(header, own) > 1 ? own : most.separator;
  return isConsistent('blanks') && full.length > 1 ? 'blanks' : own;
}

/** Most lines of a running text are sentences or parts of them; separators stand where they may. */
function isProse(lines: readonly string[], separator: Separator): boolean {
  const some = lines.slice(0, 200);
  const counts = new Set(some.map((line) => splitCount(line, separator)));
  const isTable = counts.size === 1 && !counts.has(1);
  const sentences = some.filter(
    (line) => (line.match(/(?<=^|\s)\p{L}[\p{L}’'-]*/gu) ?? []).length >= 5,
  );
  const [first = ''] = some;
  const isNamed = first.split(/\s+/).length < 5 && splitCount(first, separator) > 1;
  const isQuoted = some.some((line) => line.includes('"'));
  return (
    !isTable && !isNamed && !isQuoted && some.length >= 5 && sentences.length > 0.6 * some.length
  );
}

function splitCount(line: string, separator: Separator): number {
  return separator === 'blanks' ? line.trim().split(/\s+/).length : line.split(separator).length;
}

interface Layout extends TopLines {
  readonly separator: Separator;
  readonly newline: '\n' | '\r';
  readonly quotes: boolean;
}

class DelimitedRows implements RowSource {
  readonly #source: Source;
  readonly #encoding: TextEncoding;
  readonly #layout: Layout;
  readonly part = 'column';
  readonly firstRowMayBeHeader = true;
  readonly names: readonly string[] = [];
  blankRows = 0;
  #width = 0;
  #row = 0;
  #comments = 0;

  constructor(
    source: Source,
    encoding: TextEncoding,
    layout: Layout,
    readonly notes: readonly Text[],
  ) {
    this.#source = source;
    this.#encoding = encoding;
    this.#layout = layout;
  }

  async read(visit: VisitRow, last: boolean): Promise<void> {
    this.blankRows = 0;
    this.#width = 0;
    this.#row = 0;
    this.#comments = this.#layout.comments;
    const input = await streamUnpacked(this.#source, this.#source.file, last);
    const { separator, newline, quotes } = this.#layout;
    if (separator === 'blanks') return this.#readBlanks(input, visit);
    const rows = new CsvRows({ separator, newline, quotes, mostLetters });
    const take = (piece: string, isLast: boolean) => {
      for (const { cells, line } of rows.take(piece, isLast)) this.#add(cells, line, visit);
    };
    try {
      for await (const piece of textPieces(input, this.#encoding)) take(piece, false);
      take('', true);
    } catch (error) {
      if (error instanceof CsvFault) this.#refuseFault(error);
      throw error;
    } finally {
      input.destroy();
    }
  }

  async #readBlanks(input: AsyncIterable<Uint8Array>, visit: VisitRow): Promise<void> {
    let line = 0;
    for await (const text of textLines(textPieces(input, this.#encoding), this.#source)) {
      line++;
      const at = line;
      const cells = text.match(/"[^"]*"|\S+/g)?.map((cell) => cell.replace(/^"(.*)"$/, '$1'));
      if (cells) this.#add(cells, () => at, visit);
    }
  }

  #refuseFault({ reason, line }: CsvFault): never {
    const { name, file } = this.#source;
    if (reason === 'tooLong')
      refuse('dataLineTooLong', { path: name, most: mostLetters }, { file, line });
    return refuse('dataCsvSyntax', { row: this.#row + 1, cause: reason }, { file, line });
  }

  #add(cells: readonly string[], line: () => number, visit: VisitRow): void {
    if (this.#comments > 0) {
      this.#comments--;
      return;
    }
    const { file } = this.#source;
    const record = this.#width === 0 && this.#layout.lacksName ? ['', ...cells] : cells;
    if (record.every((cell) => cell === '')) {
      this.blankRows++;
      return;
    }
    if (this.#width === 0) this.#width = record.length;
    else this.#row++;
    if (record.length !== this.#width) {
      const values = { row: this.#row, found: record.length, expected: this.#width };
      refuse('dataRowLength', values, { file, line: line() });
    }
    visit(record, line);
  }
}

/** Lines end with `\n` or `\r\n` only: other separators may stand inside JSON texts. */
export async function* textLines(
  pieces: AsyncIterable<string>,
  { name, file }: Source,
): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  let line = 1;
  for await (const piece of pieces) {
    const parts = piece.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      yield stripReturn(rest.length === 0 ? part : [...rest, part].join(''));
      rest = [];
      length = 0;
      line++;
    }
    rest.push(last);
    length += last.length;
    if (length > mostLetters)
      refuse('dataLineTooLong', { path: name, most: mostLetters }, { file, line });
  }
  yield stripReturn(rest.join(''));
}

function stripReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
