import type { Text } from '../../../core/text/problem';
import { streamUnpacked, unpackedStart } from '../fileBytes';
import { refuse, type Source } from '../rawData';
import type { Cell } from './columnSurvey';
import { textLines } from './delimitedRows';
import { jsonItems } from './jsonItems';
import type { RowSource, VisitRow } from './readRows';
import { textEncoding, textPieces, type TextEncoding } from './textEncoding';
import { causeOf } from '../../../core/text/errorText';

type Row = Readonly<Record<string, unknown>>;

/** Opens JSON with one object per line, or one list of objects. */
export async function openJson(source: Source): Promise<RowSource> {
  const encoding = await textEncoding(source);
  const start = new TextDecoder(encoding.name).decode(await unpackedStart(source.file, 4096));
  return new JsonRows(source, encoding, start.trimStart().startsWith('['));
}

class JsonRows implements RowSource {
  readonly #source: Source;
  readonly #encoding: TextEncoding;
  readonly #isList: boolean;
  readonly part = 'key';
  readonly firstRowMayBeHeader = false;
  readonly names: string[] = [];
  readonly blankRows = 0;
  readonly notes: readonly Text[];
  readonly #indexOf = new Map<string, number>();

  constructor(source: Source, encoding: TextEncoding, isList: boolean) {
    this.#source = source;
    this.#encoding = encoding;
    this.#isList = isList;
    this.notes = encoding.notes;
  }

  async read(visit: VisitRow, last: boolean): Promise<void> {
    const stream = await streamUnpacked(this.#source, this.#source.file, last);
    const pieces = textPieces(stream, this.#encoding);
    const items = this.#isList
      ? jsonItems(pieces, this.#source)
      : numbered(textLines(pieces, this.#source));
    for await (const { text, line } of items) {
      if (text.trim() !== '') visit(this.#cells(this.#parse(text, line)), () => line);
    }
  }

  #parse(text: string, line: number): Row {
    const place = { file: this.#source.file, line };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const cause = causeOf(error);
      if (!this.#isList && line === 1 && /^\s*\{[^}]*$/.test(text))
        refuse('dataJsonObject', { path: this.#source.name }, place);
      refuse('dataJsonLine', { cause }, place);
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
    return refuse('dataJsonLine', { cause: text.trim().slice(0, 60) }, place);
  }

  #cells(row: Row): Cell[] {
    for (const name of Object.keys(row)) {
      if (this.#indexOf.has(name)) continue;
      this.#indexOf.set(name, this.names.length);
      this.names.push(name);
    }
    return this.names.map((name) => {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      return typeof value === 'string' ? value.trim() : value;
    });
  }
}

async function* numbered(lines: AsyncIterable<string>) {
  let line = 0;
  for await (const text of lines) yield { text, line: ++line };
}
