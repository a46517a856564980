import {
  Bool,
  Field,
  Float64,
  Int32,
  List,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { applyTextEdits, setTrainingValues } from '../../src/config/editConfig';
import { parseConfig } from '../../src/config/parseConfig';
import { configSchema } from '../../src/config/schema';
import { topologyCost } from '../../src/core/model/topology/topologyCost';
import { forTfjs, readTopology } from '../../src/core/model/topology/readTopology';
import { causeOf } from '../../src/core/text/errorText';
import { emptySweep, reduceSweep } from '../../src/core/sweep/sweepState';
import { describe, type Problem } from '../../src/core/text/problem';
import { decodeImage } from '../../src/trainer/data/decodeImage';
import { loadDataset } from '../../src/trainer/data/loadDataset';
import { readKerasFile } from '../../src/trainer/model/files/kerasFile';
import type { Random } from '../../src/trainer/random/seededRandom';
import {
  isInterrupted,
  latestResultFile,
  parseLog,
  readLatestResult,
} from '../../src/tuner/history/runLog';
import { resumption } from '../../src/tuner/history/resume';
import { corpusFiles, findIn } from '../unit/languages/corpusFiles';
import { idx, npy, npz } from '../unit/trainer/data/writers';
import { sweepEvents } from '../unit/webview/sweepFixture';
import { agentsTarget, mcpTarget, panelTarget, pythonTarget, trainerTarget } from './doors';
import { put } from './memoryFiles';
import { mutated } from './mutate';
import type { TargetName } from './targetNames';

/** What is fuzzed: its seeds, and what is done with an input. */
export interface Fuzzed<Seed> {
  readonly seeds: readonly Seed[];
  /** Makes an input of the seeds, tells it, and reads it. It throws where the reader breaks. */
  readonly run: (
    random: Random,
    seeds: readonly Seed[],
    shown: (input: Uint8Array | string) => void,
  ) => unknown;
  readonly close?: () => Promise<void>;
}

/** @param folder an empty folder of its own */
type Target = (folder: string) => Promise<Fuzzed<never>> | Fuzzed<never>;

/** A target that is given bytes. */
function ofBytes(
  seeds: readonly (Uint8Array | string)[],
  read: (input: Buffer, random: Random) => unknown,
): Fuzzed<never> {
  const found = seeds.map((seed) => Buffer.from(seed));
  return {
    seeds: found as never[],
    run: async (random, _seeds, shown) => {
      const input = mutated(random, found);
      shown(input);
      await read(input, random);
    },
  };
}

/** Sentences that only a fault of our own makes. */
const ownFault =
  /Maximum call stack|is not a function|not iterable|Cannot (?:read|set|convert)|\bundefined\b|\bNaN\b/;

function checkSentence(problem: Problem, input: Buffer): void {
  // The numbers of a binary file are said as they are.
  if (/^data(Label)?NotFinite$/.test(problem.reason)) return;
  const sentence = describe(problem);
  const [word = ''] = ownFault.exec(sentence) ?? [];
  if (word !== '' && !input.toString('latin1').includes(word)) throw new Error(sentence);
}

/** Data in one file, beside labels where they are a file of their own. */
function dataTarget(
  name: string,
  data: object,
  seeds: (folder: string) => readonly (Uint8Array | string)[],
): Target {
  return (folder) => {
    const config = configSchema.parse({
      model: { topology: 'model.json' },
      data: { train: name, ...data },
      training: { loss: 'meanSquaredError' },
    });
    const configFile = path.join(folder, 'batchwise.json');
    put(path.join(folder, 'y.npy'), npy('<f4', [4], Float32Array.of(1, 2, 3, 4)));
    return ofBytes(seeds(folder), async (input) => {
      put(path.join(folder, name), input);
      const context = { configFile, root: folder, seed: 1, tf: null };
      const result = await loadDataset(config, context);
      if (!result.ok) checkSentence(result.problem, input);
    });
  };
}

const lines = (file: string, count: number) =>
  readFileSync(file, 'utf8').split('\n').slice(0, count).join('\n');
const floats = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);

const csvSeeds = [
  lines('examples/tabular/compressors.csv', 12),
  lines('test/fixtures/workspace/flowers.csv', 8),
  'a;b;c\n1,5;x;0\n2,5;"y ""z""";1\n3,5;;0\n',
  '1 2.5 3\n4 5.5 6\n7 8.5 9\n',
  'when,price,y\n2024-01-05,"$1,200.50",1\n2024-02-05,"$900.00",0\n,n/a,1\n',
  Buffer.from('\ufeffa\tb\n1\t2\n3\t4\n', 'utf16le'),
  gzipSync('a,b\n1,2\n3,4\n'),
];

const jsonlSeeds = [
  '{"x": [1, 2], "text": "a", "y": 0}\n{"x": [3, 4], "text": "b", "y": 1}\n',
  '[{"x": 1, "y": true}, {"x": 2.5, "y": false}, {"x": null, "y": true}]',
  '{"x": [[1, 2], [3, 4]], "y": 1}\n{"x": [[5, 6], [7, 8]], "y": 2}\n',
  gzipSync('{"x": 1, "y": 0}\n{"x": 2, "y": 1}\n'),
];

const npySeeds = [
  npy('<f4', [4, 2], floats),
  npy('<f8', [4, 2], Float64Array.from(floats), true),
  npy('<i8', [4], BigInt64Array.of(1n, 2n, 3n, 4n)),
  npy('|u1', [4, 1, 2], Uint8Array.from(floats)),
  npy('<U2', [4], new Uint8Array(32)),
];

/** Files of several codecs, encodings, page formats and groups, with and without lists and blanks. */
function parquetSeeds(): (Uint8Array | string)[] {
  const y = { name: 'y', data: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], type: 'INT32' as const };
  const columnData = [
    { name: 'x', data: [1.5, -2, null, 1e6, 0.25, 7, 8, 9, 10, null], type: 'DOUBLE' as const },
    { name: 'kind', data: Array.from('abcabcabca'), type: 'STRING' as const },
    { name: 'flag', data: Array.from({ length: 10 }, (_, row) => row % 3 === 0) },
    y,
  ];
  const written = (options: object) =>
    new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
  const compressors = {
    GZIP: (bytes: Uint8Array) => gzipSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
  };
  return [
    written({ codec: 'UNCOMPRESSED' }),
    written({ codec: 'UNCOMPRESSED', rowGroupSize: 4, pageSize: 16 }),
    written({}),
    written({ codec: 'GZIP', compressors }),
    written({ codec: 'BROTLI', compressors }),
    ...fixtures('parquet', /\.parquet$/),
  ];
}

/** Files and streams of several types and compressions, with and without lists, blanks and dictionaries. */
function arrowSeeds(): (Uint8Array | string)[] {
  const table = new Table({
    x: vectorFromArray([1.5, null, 1e6, 0.25], new Float64()),
    kind: vectorFromArray(['a', 'b', null, 'a']),
    text: vectorFromArray(['c', 'd', 'e', 'ef'], new Utf8()),
    pair: vectorFromArray([[1, 2], [], [3], null], new List(new Field('item', new Int32(), true))),
    flag: vectorFromArray([true, false, true, null], new Bool()),
  });
  return [
    tableToIPC(table, 'file'),
    tableToIPC(table, 'stream'),
    ...fixtures('arrow', /\.(?:arrows?|feather)$/),
  ];
}

function fixtures(format: string, name: RegExp): Buffer[] {
  const folder = path.join('test/fixtures', format);
  const found = readdirSync(folder).filter((each) => name.test(each));
  return found.map((each) => readFileSync(path.join(folder, each)));
}

const images = [
  encodePng({ width: 4, height: 3, channels: 1, depth: 8, data: new Uint8Array(12).fill(7) }),
  encodePng({ width: 3, height: 2, channels: 4, depth: 16, data: new Uint16Array(24).fill(700) }),
  encodeJpeg({ width: 8, height: 8, data: Buffer.alloc(256, 90) }, 80).data,
  encodeJpeg({ width: 9, height: 5, data: Buffer.alloc(180, 200) }, 30).data,
];

/** What a decoder throws is told as the file's fault, whatever it is. */
async function tolerant(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    causeOf(error);
  }
}

const wholeModel = (name: string) => readFileSync(path.join('test/fixtures/wholeModels', name));

const topologies = () =>
  readdirSync('test/fixtures/models')
    .filter((name) => name.endsWith('.json') && !name.includes('.values.'))
    .map((name) => readFileSync(path.join('test/fixtures/models', name)));

const configs = () => [
  readFileSync('test/fixtures/workspace/batchwise.json'),
  ...readdirSync('examples').map((name) => readFileSync(`examples/${name}/batchwise.json`)),
  '{ "trainer": { "python": "train.py", "args": ["--epochs", "3"], "env": { "A": "b" } },\n "tuning": { "batchSizes": [8, 16], "budget": "2 min", "memoryLimit": "2 GB" } }',
];

/** Logs of some events: of a sweep that goes on, and of the end of one. */
function logTexts(): string[] {
  const events = sweepEvents().filter(
    (event) => event.type !== 'lossPoint' || event.point.iteration % 5 === 0,
  );
  const text = (some: typeof events) => some.map((event) => `${JSON.stringify(event)}\n`).join('');
  const end = events.findIndex(({ type }) => type === 'trialFinished') + 1;
  const isLate = ({ type }: (typeof events)[number]) => type !== 'trialFinished';
  return [
    text(events.slice(0, end)),
    text([...events.slice(0, 1), ...events.slice(-5).filter(isLate)]),
  ];
}

function readLogText(text: string): void {
  const events = parseLog(text);
  const state = events.reduce(reduceSweep, emptySweep);
  isInterrupted(events);
  const { resumed } = resumption(events, 'fingerprint', 42);
  JSON.stringify([state, resumed]);
}

export const targets: Readonly<Record<string, Target>> = {
  csv: dataTarget('x.csv', { labels: 'y.npy' }, () => csvSeeds),
  jsonl: dataTarget('x.jsonl', { label: 'y' }, () => jsonlSeeds),
  npy: dataTarget('x.npy', { labels: 'y.npy' }, () => npySeeds),
  npz: dataTarget('x.npz', { label: 'y' }, () => [
    npz({ x: npySeeds[0] ?? Buffer.alloc(0), y: npySeeds[2] ?? Buffer.alloc(0) }),
    npz({ a: npySeeds[1] ?? Buffer.alloc(0), y: npySeeds[4] ?? Buffer.alloc(0) }),
  ]),
  idx: dataTarget('x.idx', { labels: 'y.npy' }, () => [
    idx(0x08, [4, 2, 2], Array<number>(16).fill(9)),
    idx(0x0c, [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    gzipSync(idx(0x08, [4, 3], Array<number>(12).fill(1))),
  ]),
  parquet: dataTarget('x.parquet', { label: 'kind', missing: 'mean' }, parquetSeeds),
  arrow: dataTarget('x.arrow', { label: 'kind', missing: 'mean' }, arrowSeeds),
  images: () => ofBytes(images, (input) => tolerant(() => decodeImage(input))),
  keras: () =>
    ofBytes([wholeModel('keras3.keras')], (input) =>
      tolerant(() => readKerasFile(new Uint8Array(input))),
    ),
  hdf5: () =>
    ofBytes([wholeModel('keras3.h5')], (input) =>
      tolerant(() => readKerasFile(new Uint8Array(input))),
    ),
  topology: () =>
    ofBytes(topologies(), (input) => {
      const read = readTopology(input.toString(), 'model.json', { file: '/model.json' });
      if (read.ok) topologyCost(forTfjs(read.value));
      else checkSentence(read.problem, input);
    }),
  toml: () => sources((id) => id === 'toml'),
  sources: () => sources((id) => id !== 'toml'),
  config: () =>
    ofBytes(configs(), (input) => {
      const text = input.toString();
      const { problems } = parseConfig(text, '/batchwise.json');
      for (const problem of problems) checkSentence(problem, input);
      const edits = setTrainingValues(text, { batchSize: 64, learningRate: 0.001 });
      if (edits) applyTextEdits(text, edits);
    }),
  log: () =>
    ofBytes(logTexts(), (input) => {
      readLogText(input.toString());
    }),
  result: (folder) => {
    const configFile = path.join(folder, 'batchwise.json');
    const file = latestResultFile(configFile);
    cpSync('test/fixtures/formats/1', path.dirname(file), { recursive: true });
    return ofBytes([readFileSync(file)], (input) => {
      writeFileSync(file, input);
      readLatestResult(configFile);
    });
  },
  trainer: trainerTarget,
  panel: panelTarget,
  python: pythonTarget,
  agents: agentsTarget,
  mcp: mcpTarget,
} satisfies Record<TargetName, Target>;

function sources(wanted: (languageId: string) => boolean): Fuzzed<never> {
  const files = corpusFiles().filter(
    ({ languageId, texts }) => texts.length === 1 && wanted(languageId),
  );
  const seeds = files.map(({ texts }) => Buffer.from(texts[0] ?? ''));
  return ofBytes(seeds, (input, random) => {
    // Any text in any language: documents are often of another kind than they are called.
    const file = files[Math.floor(random() * files.length)];
    findIn(input.toString(), file?.languageId ?? 'python', path.basename(file?.name ?? ''));
  });
}
