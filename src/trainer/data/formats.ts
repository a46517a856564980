import type { MessageId } from '../../core/text/messages';
import { isGzip, readStart, unpackedStart } from './fileBytes';
import { isIdx } from './idx';
import { isNpy } from './npy';
import { dataKey, refuse, type Source } from './rawData';
import { extensionOf } from './sources';
import { openDelimited } from './table/delimitedRows';
import { openJson } from './table/jsonRows';
import { openArrow, openParquet } from './table/columnarRows';
import type { RowSource } from './table/readRows';

/** Formats whose rows are read one by one, and what opens each. */
export const tableFormats = {
  delimited: openDelimited,
  json: openJson,
  parquet: openParquet,
  arrow: openArrow,
} as const satisfies Record<string, (source: Source) => Promise<RowSource>>;

type TableFormat = keyof typeof tableFormats;
/** What a data file holds. */
type DataFormat = TableFormat | 'npy' | 'npz' | 'idx';

const byExtension: Readonly<Record<string, DataFormat>> = {
  '.csv': 'delimited',
  '.tsv': 'delimited',
  '.tab': 'delimited',
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.json': 'json',
  '.parquet': 'parquet',
  '.parq': 'parquet',
  '.pq': 'parquet',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
  '.ipc': 'arrow',
  '.npy': 'npy',
  '.npz': 'npz',
  '.idx': 'idx',
};

/** Formats that are not read, by their first bytes or their extension, and what to save them as. */
const foreign: readonly {
  readonly name: string;
  readonly remedy: MessageId;
  readonly extension: RegExp;
  readonly magic?: readonly number[];
}[] = [
  {
    name: 'Excel',
    remedy: 'causeSaveExcel',
    extension: /^\.(?:xlsx?|xlsm|ods)$/,
    magic: [0xd0, 0xcf, 0x11, 0xe0],
  },
  {
    name: 'Feather 1',
    remedy: 'causeSaveFeather',
    extension: /^\.fea$/,
    magic: [0x46, 0x45, 0x41, 0x31],
  },
  { name: 'ARFF', remedy: 'causeSaveArff', extension: /^\.arff$/ },
  { name: 'pickle', remedy: 'causeSavePickle', extension: /^\.(?:pkl|pickle|joblib)$/ },
  {
    name: 'HDF5',
    remedy: 'causeSaveArray',
    extension: /^\.(?:h5|hdf5|hdf|nc)$/,
    magic: [0x89, 0x48, 0x44, 0x46],
  },
  {
    name: 'MATLAB',
    remedy: 'causeSaveArray',
    extension: /^\.mat$/,
    magic: [0x4d, 0x41, 0x54, 0x4c, 0x41, 0x42],
  },
  { name: 'PyTorch', remedy: 'causeSaveTorch', extension: /^\.(?:pt|pth)$/ },
  { name: 'TFRecord', remedy: 'causeSaveArray', extension: /^\.(?:tfrecords?)$/ },
  {
    name: 'SQLite',
    remedy: 'causeSaveFrame',
    extension: /^\.(?:db|sqlite3?)$/,
    magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65],
  },
  { name: 'R', remedy: 'causeSaveR', extension: /^\.(?:rds|rdata|rda)$/ },
  {
    name: 'ZIP',
    remedy: 'causeUnpack',
    extension: /^\.(?:zip|7z|rar|tar|tgz|bz2|xz|zst)$/,
    magic: [0x50, 0x4b, 0x03, 0x04],
  },
];

/** The format of a data file, by its name, else by what it holds; others are refused with a remedy. */
export async function formatOf(source: Source): Promise<DataFormat> {
  const extension = extensionOf(source.file);
  const start = await readStart(source.file, 8);
  if (start.length === 0) refuse('dataEmpty', { path: source.name }, { file: source.file });
  const named = byExtension[extension];
  if (named === 'npz') return named;
  const known = foreign.find(
    ({ extension: own, magic }) =>
      (named === undefined && own.test(extension)) ||
      magic?.every((byte, index) => start[index] === byte),
  );
  if (known) {
    const values = { path: source.name, format: known.name, cause: known.remedy };
    refuse('dataFormatForeign', values, dataKey(source, source.key));
  }
  const text = new TextDecoder().decode(start);
  if (text.startsWith('PAR1')) return 'parquet';
  if (text.startsWith('ARROW1')) return 'arrow';
  if (named) return named;
  if (/idx\d-ubyte/.test(source.file)) return 'idx';
  if (isNpy(start)) return 'npy';
  if (isIdx(start)) return 'idx';
  const unpacked = await unpackedStart(source.file, 2 ** 12);
  if (isIdx(unpacked) && isGzip(start)) return 'idx';
  if (isText(unpacked))
    return /^\s*[[{]/.test(new TextDecoder().decode(unpacked)) ? 'json' : 'delimited';
  return refuse('dataFormatUnknown', { path: source.name }, dataKey(source, source.key));
}

/** Text holds no control characters but blanks; UTF-16 has its byte order mark. */
function isText(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return true;
  return bytes.length > 0 && bytes.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
}
