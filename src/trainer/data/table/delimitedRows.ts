import { CsvError, parse } from 'csv-parse';
import { pipeline } from 'node:stream/promises';
import { separators, type Separator } from '../../../config/dataSchema';
import type { Text } from '../../../core/text/problem';
import { streamUnpacked, unpackedStart } from '../fileBytes';
import { refuse, type Source } from '../rawData';
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
  const separator = asked === 'auto' ? findSeparator(sample, isWhole, own) : separators[asked];
  return new DelimitedRows(source, encoding, separator, [
    ...encoding.notes,
    ...(separator === own || asked !== 'auto' ? [] : [separatorNote(source, separator)]),
  ]);
}

function separatorNote({ name }: Source, separator: Separator): Text {
  const shown = separator === '\t' ? 'tab' : separator;
  return { id: 'dataNoteSeparator', values: { path: name, separator: shown } };
}

/**
 * The separator that gives every line the same number of columns, more than one; the file's own
 * where none does. Separators in quotation marks are part of a text.
 */
function findSeparator(sample: string, isWhole: boolean, own: Separator): Separator {
  const bare = sample.replace(/"(?:[^"]|"")*"/g, '""');
  const lines = bare.split(/\r\n|\r|\n/);
  if (!isWhole && lines.length > 1) lines.pop();
  const full = lines.filter((line) => line.trim() !== '').slice(0, 50);
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
  if (found === '\t' && own !== '\t' && isConsistent('blanks') && /^[\s\d.eE+-]*$/.test(bare))
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

function splitCount(line: string, separator: Separator): number {
  return separator === 'blanks' ? line.trim().split(/\s+/).length : line.split(separator).length;
}

class DelimitedRows implements RowSource {
  readonly #source: Source;
  readonly #encoding: TextEncoding;
  readonly #separator: Separator;
  readonly part = 'column';
  readonly firstRowMayBeHeader = true;
  readonly names: readonly string[] = [];
  blankRows = 0;
  #width = 0;
  #row = 0;

  constructor(
    source: Source,
    encoding: TextEncoding,
    separator: Separator,
    readonly notes: readonly Text[],
  ) {
    this.#source = source;
    this.#encoding = encoding;
    this.#separator = separator;
  }

  async read(visit: VisitRow, last: boolean): Promise<void> {
    this.blankRows = 0;
    this.#width = 0;
    this.#row = 0;
    const input = await streamUnpacked(this.#source, this.#source.file, last);
    if (this.#separator === 'blanks') return this.#readBlanks(input, visit);
    const parser = parse({
      delimiter: this.#separator,
      trim: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: mostLetters,
      on_record: (record: string[], { lines }) => {
        this.#add(record, () => lineOf(record, lines), visit);
        return null;
      },
    });
    parser.resume();
    try {
      await pipeline(input, (bytes) => textPieces(bytes, this.#encoding), parser);
    } catch (error) {
      if (error instanceof CsvError) refuseSyntax(error, this.#source);
      throw error;
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

  #add(record: string[], line: () => number, visit: VisitRow): void {
    const { file } = this.#source;
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

/** The line on which a record begins, of the one on which it ends. */
function lineOf(record: readonly string[], lastLine: number): number {
  const breaks = record.reduce(
    (total, cell) => total + (cell.match(/\r\n|\r|\n/g) ?? []).length,
    0,
  );
  return lastLine - breaks;
}

function refuseSyntax(error: CsvError, { name, file }: Source): never {
  const { lines, records } = error as CsvError & { lines?: number; records?: number };
  const place = { file, ...(lines === undefined ? {} : { line: lines }) };
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    refuse('dataLineTooLong', { path: name, most: mostLetters }, place);
  return refuse('dataCsvSyntax', { row: records ?? 1, cause: error.message }, place);
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
