import type { AsyncBuffer, Compressors, RowGroup } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { damaged } from '../../../core/text/errorText';

type Header = ReturnType<typeof parquetHeader>;
type Reader = Parameters<typeof parquetHeader>[0];
type SchemaPath = ReturnType<typeof getTreePath>;
type Column = NonNullable<RowGroup['columns'][number]['meta_data']>;

/**
 * Refuses a group of rows whose pages would unpack to more values than they announce. hyparquet
 * writes a run of equal values as long as the file says, though the page has no room for it: a few
 * changed bytes then take gigabytes, and end the process.
 * @throws Error that says what is wrong
 */
export async function checkPages(
  file: AsyncBuffer,
  schema: SchemaPath[number],
  group: RowGroup,
  compressors: Compressors,
): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    if (!column) continue;
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
    const bytes = await file.slice(start, start + Number(column.total_compressed_size));
    checkColumn({ view: new DataView(bytes), offset: 0 }, column, schema, compressors);
  }
}

function checkColumn(
  reader: Reader,
  column: Column,
  schema: SchemaPath[number],
  compressors: Compressors,
): void {
  const path = getTreePath(schema, column.path_in_schema);
  let values = 0;
  while (reader.offset < reader.view.byteLength - 1) {
    const header = parquetHeader(reader);
    const { buffer, byteOffset, byteLength } = reader.view;
    requireCounts(header.compressed_page_size, header.uncompressed_page_size);
    const end = reader.offset + header.compressed_page_size;
    if (end > byteLength) damaged();
    const packed = new Uint8Array(buffer, byteOffset + reader.offset, header.compressed_page_size);
    reader.offset = end;
    if (header.type === 'DICTIONARY_PAGE') {
      // A value takes a bit at least.
      const announced = header.dictionary_page_header?.num_values ?? 0;
      if (announced > 8 * header.uncompressed_page_size) tooMany();
      continue;
    }
    const { data_page_header: first, data_page_header_v2: second } = header;
    const announced = first?.num_values ?? second?.num_values ?? 0;
    requireCounts(announced);
    values += announced;
    if (values > Number(column.num_values)) tooMany();
    const unpack = (bytes: Uint8Array, length: number) =>
      readerOf(decompressPage(bytes, length, column.codec, compressors));
    if (first) checkFirstFormat(unpack(packed, header.uncompressed_page_size), first, column, path);
    else if (second) checkSecondFormat(packed, header, second, unpack, column, path);
  }
}

/** A data page of format 1: levels with their length, then values, all packed. */
function checkFirstFormat(
  reader: Reader,
  { num_values, encoding }: NonNullable<Header['data_page_header']>,
  { type }: Column,
  path: SchemaPath,
): void {
  const repetition = path.length > 1 ? getMaxRepetitionLevel(path) : 0;
  if (repetition > 0) checkSized(reader, bitWidth(repetition), num_values);
  const definition = getMaxDefinitionLevel(path);
  const isIndexed = encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
  let values = num_values;
  if (definition > 0) {
    const start = reader.offset;
    checkSized(reader, bitWidth(definition), num_values);
    // The values end with those that are there: what may follow says nothing.
    if (isIndexed) values = definedValues({ ...reader, offset: start }, definition, num_values);
  }
  if (!isIndexed && encoding !== 'RLE') return;
  if (type === 'BOOLEAN') checkSized(reader, 1, values);
  else checkIndices(reader, values);
}

/** A data page of format 2: levels as they are, then packed values. */
function checkSecondFormat(
  bytes: Uint8Array,
  { uncompressed_page_size }: Header,
  page: NonNullable<Header['data_page_header_v2']>,
  unpack: (bytes: Uint8Array, length: number) => Reader,
  { type }: Column,
  path: SchemaPath,
): void {
  const { num_values, num_nulls, encoding } = page;
  const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = page;
  requireCounts(num_nulls, repeated, defined);
  const repetition = getMaxRepetitionLevel(path);
  const definition = getMaxDefinitionLevel(path);
  const levels = readerOf(bytes);
  if (repetition > 0) checkRuns(levels, bitWidth(repetition), num_values);
  if (definition > 0) checkRuns({ ...levels, offset: repeated }, bitWidth(definition), num_values);
  const isIndexed = encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
  if (!isIndexed && encoding !== 'RLE') return;
  const values = bytes.subarray(repeated + defined);
  const length = uncompressed_page_size - repeated - defined;
  const reader = page.is_compressed && length !== 0 ? unpack(values, length) : readerOf(values);
  const announced = num_values - num_nulls;
  if (type === 'BOOLEAN' || !isIndexed) checkSized(reader, 1, announced);
  else checkIndices(reader, announced);
}

function checkIndices(reader: Reader, values: number): void {
  checkRuns(reader, reader.view.getUint8(reader.offset++), values);
}

/** Runs behind the number of their bytes; leaves the reader behind them. */
function checkSized(reader: Reader, width: number, values: number): void {
  const length = reader.view.getUint32(reader.offset, true);
  const start = reader.offset + 4;
  checkRuns({ ...reader, offset: start }, width, values);
  reader.offset = start + length;
}

/** Runs of equal values, and of values packed by eights, which may be more than the page needs by seven. */
function checkRuns(reader: Reader, width: number, values: number): void {
  for (let seen = 0; seen < values && reader.offset < reader.view.byteLength;) {
    const run = readVarInt(reader);
    const isPacked = (run & 1) === 1;
    const count = isPacked ? (run >> 1) << 3 : run >>> 1;
    if (count < 0 || seen + count > values + 7) tooMany();
    reader.offset += isPacked ? (count / 8) * width : Math.ceil(width / 8);
    seen += count;
  }
}

function definedValues(reader: Reader, definition: number, values: number): number {
  const levels = new Array<number>(values);
  readRleBitPackedHybrid(reader, bitWidth(definition), levels);
  return levels.reduce((sum, level) => sum + Number(level === definition), 0);
}

function readerOf(bytes: Uint8Array): Reader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

/** Refuses numbers that a damaged header lacks: hyparquet reads from there without end. */
function requireCounts(...counts: readonly (number | undefined)[]): void {
  if (!counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)) damaged();
}

/** Bits that a value up to this one takes. */
function bitWidth(most: number): number {
  return 32 - Math.clz32(most);
}

function tooMany(): never {
  throw new Error('causeParquetValues');
}
