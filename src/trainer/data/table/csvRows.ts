import Papa from 'papaparse';
import type { ParseError, ParseResult } from 'papaparse';

/** A row of separated text; its cells are trimmed, quotation marks are gone. */
interface CsvRow {
  readonly cells: readonly string[];
  /** The line on which the row begins, from 1. */
  readonly line: () => number;
}

/** What ends the reading of a separated text, with the line of the row at fault. */
export class CsvFault extends Error {
  constructor(
    readonly reason: 'causeOpenQuote' | 'causeAfterQuote' | 'tooLong',
    readonly line: number,
  ) {
    super(reason);
  }
}

interface CsvFormat {
  readonly separator: string;
  /** What ends a line: `\n` stands for `\r\n`, too. */
  readonly newline: '\n' | '\r';
  /** Whether quotation marks enclose cells; else they are part of a text. */
  readonly quotes: boolean;
  /** A row with more letters is refused. */
  readonly mostLetters: number;
}

/** Takes a separated text piece by piece and gives its rows, in memory of about two pieces. */
export class CsvRows {
  readonly #parser: Papa.Parser;
  readonly #format: CsvFormat;
  readonly #blanksBeforeQuote: RegExp;
  readonly #quoted: RegExp;
  /** The beginning of a row that is not whole yet. */
  #held = '';
  #line = 1;
  /** A row over many pieces is looked at again only when it has doubled. */
  #nextLength = 0;

  constructor(format: CsvFormat) {
    const { separator, newline, quotes } = format;
    this.#format = format;
    const plain = quotes ? {} : { fastMode: true };
    this.#parser = new Papa.Parser({ delimiter: separator, newline, quoteChar: '"', ...plain });
    const blank = separator === '\t' ? ' ' : String.raw`[ \t]`;
    const before = String.raw`(^|[${separator}\r\n])`;
    this.#blanksBeforeQuote = new RegExp(`${before}${blank}+"`);
    this.#quoted = new RegExp(`${before}${blank}*("[^"]*(?:""[^"]*)*(?:"|$))`, 'g');
  }

  /**
   * @param isLast whether the text ends with this piece
   * @throws CsvFault
   */
  *take(piece: string, isLast: boolean): Generator<CsvRow> {
    this.#held += piece;
    if (!isLast && this.#held.length < this.#nextLength) return;
    // The parser takes blanks after a quotation mark only before the end of a line.
    const end = isLast && this.#held !== '' ? this.#format.newline : '';
    const text = this.#withoutBlanksBeforeQuotes(this.#held) + end;
    const { data, errors, meta } = this.#parser.parse(text, 0, !isLast) as ParseResult<string[]>;
    // Of a row that is not whole yet nothing is said.
    const fault = errors.find(({ row }) => isLast || (row ?? 0) < data.length);
    for (const [index, row] of data.entries()) {
      if (index === fault?.row) throw this.#faultOf(fault, this.#lineOf(data, index));
      const cells = row.map((cell) => cell.trim());
      // An empty line is no row.
      if (cells.length > 1 || cells[0] !== '')
        yield { cells, line: () => this.#lineOf(data, index) };
    }
    this.#line += linesIn(text, meta.cursor, this.#format.newline);
    this.#held = isLast ? '' : text.slice(meta.cursor);
    this.#nextLength = data.length === 0 ? 2 * this.#held.length : 0;
    if (this.#held.length > this.#format.mostLetters) throw new CsvFault('tooLong', this.#line);
  }

  /** The parser knows a quotation mark only where a cell begins with it. */
  #withoutBlanksBeforeQuotes(text: string): string {
    const isAny = this.#format.quotes && this.#blanksBeforeQuote.test(text);
    return isAny ? text.replace(this.#quoted, '$1$2') : text;
  }

  #faultOf({ code }: ParseError, line: number): CsvFault {
    return new CsvFault(code === 'MissingQuotes' ? 'causeOpenQuote' : 'causeAfterQuote', line);
  }

  #lineOf(rows: readonly (readonly string[])[], index: number): number {
    let line = this.#line;
    for (const row of rows.slice(0, index)) {
      line++;
      for (const cell of row) line += cell.split(this.#format.newline).length - 1;
    }
    return line;
  }
}

function linesIn(text: string, end: number, newline: string): number {
  let lines = 0;
  for (let at = text.indexOf(newline); at >= 0 && at < end; at = text.indexOf(newline, at + 1))
    lines++;
  return lines;
}
