import { selectParts } from './columns';
import { streamUnpacked } from './fileBytes';
import { flatten, isNested, nestedShape } from './nested';
import {
  product,
  refuse,
  shapeText,
  type NumberSink,
  type RawData,
  type SampleSink,
  type Source,
  type Table,
} from './rawData';
import { readTable } from './readTable';

type Row = Readonly<Record<string, unknown>>;

/** Reads one JSON object per line into memory. */
export function readJsonLines(source: Source): Promise<RawData> {
  return readTable(source, readJsonRows);
}

/**
 * Reads one JSON object per line, line by line. One feature key keeps its shape; several are laid
 * one after the other into one row of numbers.
 */
export async function readJsonRows(source: Source, sink: SampleSink): Promise<Table> {
  const samples = new JsonSamples(source, sink);
  let line = 0;
  for await (const text of lines(await streamUnpacked(source, source.file))) {
    line++;
    if (text.trim() !== '') samples.add(text, line);
  }
  return samples.toTable();
}

/** Lines end with `\n` or `\r\n` only: other separators may stand inside JSON texts. */
async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  yield rest + decoder.decode();
}

class JsonSamples {
  private shapes: ReadonlyMap<string, readonly number[]> | null = null;
  private label: string | null = null;
  private labelShape: readonly number[] | null = null;
  private count = 0;

  constructor(
    private readonly source: Source,
    private readonly sink: SampleSink,
  ) {}

  add(text: string, line: number): void {
    const place = { file: this.source.file, line };
    const row = this.parse(text, place);
    this.shapes ??= this.select(row);
    this.count++;
    for (const [key, shape] of this.shapes) {
      if (!Object.hasOwn(row, key)) refuse('dataJsonKeyMissing', { key }, place);
      this.addNumbers(key, row[key], shape, this.sink.features, place, 'dataJsonValue');
    }
    if (this.label !== null) this.addLabel(row, this.label, place);
  }

  toTable(): Table {
    const { shapes, source } = this;
    if (!shapes) refuse('dataEmpty', { path: source.name }, { file: source.file });
    const [only] = shapes.values();
    const width = [...shapes.values()].reduce((total, shape) => total + product(shape), 0);
    const sampleShape = shapes.size === 1 && only && only.length > 0 ? only : [width];
    const inRows = this.labelShape === null ? 'texts' : 'numbers';
    return {
      count: this.count,
      sampleShape,
      featureNames: [...shapes.keys()],
      labels: this.label === null ? null : inRows,
      labelShape: this.labelShape ?? [],
    };
  }

  private parse(text: string, place: { file: string; line: number }): Row {
    try {
      const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      refuse('dataJsonLine', { cause }, place);
    }
    return refuse('dataJsonLine', { cause: text.slice(0, 60) }, place);
  }

  private select(row: Row): Map<string, readonly number[]> {
    const names = Object.keys(row);
    const numeric = names.filter((name) => nestedShape(row[name]) !== null);
    const { features, label } = selectParts(this.source, 'key', names, numeric);
    this.label = label;
    if (label !== null && typeof row[label] !== 'string') {
      this.labelShape = nestedShape(row[label]) ?? [];
    }
    return new Map(features.map((name) => [name, nestedShape(row[name]) ?? []]));
  }

  private addLabel(row: Row, key: string, place: { file: string; line: number }): void {
    if (!Object.hasOwn(row, key)) refuse('dataJsonKeyMissing', { key }, place);
    const value = row[key];
    if (this.labelShape !== null) {
      this.addNumbers(key, value, this.labelShape, this.sink.numbers, place, 'dataJsonLabel');
    } else if (typeof value === 'string') {
      this.sink.texts.push(value);
    } else {
      refuse('dataJsonLabel', { key, actual: shown(value) }, place);
    }
  }

  private addNumbers(
    key: string,
    value: unknown,
    expected: readonly number[],
    into: NumberSink,
    place: { file: string; line: number },
    reason: 'dataJsonValue' | 'dataJsonLabel',
  ): void {
    const shape = nestedShape(value);
    if (shape === null && !isNested(value)) refuse(reason, { key, actual: shown(value) }, place);
    if (shape === null || shape.join() !== expected.join()) {
      const found = shape === null ? 'rows of unequal length or type' : shapeText(shape);
      refuse('dataJsonShape', { key, found, expected: shapeText(expected) }, place);
    }
    flatten(value, (each) => {
      into.push(each);
    });
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
