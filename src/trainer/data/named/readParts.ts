import { stat } from 'node:fs/promises';
import { openNpz, sideBySide } from '../arrays';
import type { Part as FilePart } from '../columns';
import { formatOf, tableFormats } from '../formats';
import { readLabelsFile } from '../labelsFile';
import { namedSamples } from '../moduleData';
import { MemorySink, dataKey, listed, refuse, type RawLabels, type Source } from '../rawData';
import type { PlannedColumn } from '../table/plan';
import { readRows, type RowSource } from '../table/readRows';
import { sideName, type Feed, type Feeds, type FeedSide } from './feeds';
import type { Part, Parts } from './parts';

/** A feed with the names of what the file has for it. */
interface Fed {
  readonly name: string;
  readonly from: readonly string[];
}

const noPlan = { columns: [], plan: null };

/**
 * Reads a file whose columns, keys or arrays feed the inputs and outputs of a model. Formats that
 * hold a single array are refused.
 */
export async function readParts(source: Source, feeds: Feeds): Promise<Parts> {
  const isFolder = (await stat(source.file)).isDirectory();
  const format = isFolder ? 'folder' : await formatOf(source);
  if (format === 'npz') return readArrays(source, feeds);
  if (format === 'folder' || format === 'npy' || format === 'idx')
    return refuseOneArray(source, feeds);
  return readColumns(source, feeds, format);
}

function refuseOneArray({ name, configFile, key }: Source, { inputs, outputs }: Feeds): never {
  const names = (feeds: readonly Feed[]) => listed(feeds.map((feed) => feed.name));
  const object = (feeds: readonly Feed[]) => feeds.map((feed) => `"${feed.name}": …`).join(', ');
  const example = `{ features: { ${object(inputs)} }, labels: { ${object(outputs)} } }`;
  const values = { path: name, inputs: names(inputs), outputs: names(outputs), example };
  return refuse('dataPartsOneArray', values, dataKey({ configFile }, key));
}

/**
 * What of a file feeds each side. Names that the file lacks are refused, with what to write; the
 * only output takes what nothing else does where that is one.
 */
function resolve(
  source: Source,
  feeds: Feeds,
  kind: FilePart,
  known: readonly string[],
): { readonly inputs: readonly Fed[]; readonly outputs: readonly Fed[]; readonly weights: Fed[] } {
  const find = (side: FeedSide, { name, from, isNamed }: Feed): Fed | null => {
    if (from === null) return null;
    const missing = from.find((each) => !known.includes(each));
    if (missing === undefined) return { name, from };
    if (side === 'outputs' && feeds.outputs.length === 1 && !isNamed) return null;
    const values = { side: sideName(side), name, path: source.name, kind, known: listed(known) };
    return refuse(
      'dataPartNotFound',
      { ...values, example: exampleOf(feeds) },
      placeOf(source, side, name, isNamed),
    );
  };
  const inputs = feeds.inputs.map((feed) => find('inputs', feed));
  const ownLabels = source.labelsFile !== null;
  const outputs = ownLabels ? [] : feeds.outputs.map((feed) => find('outputs', feed));
  const weights = weightsOf(source, feeds, kind, known);
  const used = new Set([...inputs, ...outputs, ...weights].flatMap((fed) => fed?.from ?? []));
  const rest = known.filter((name) => name !== '' && !used.has(name));
  const takeRest = (side: FeedSide, fed: Fed | null, feed: Feed | undefined): Fed => {
    if (fed) return fed;
    const name = feed?.name ?? '';
    if (rest.length > 0 && (side === 'inputs' || rest.length === 1)) return { name, from: rest };
    const values = { side: sideName(side), name, path: source.name, kind, known: listed(known) };
    return refuse(
      'dataPartNotFound',
      { ...values, example: exampleOf(feeds) },
      dataKey(source, source.key),
    );
  };
  return {
    inputs: inputs.map((fed, index) => takeRest('inputs', fed, feeds.inputs[index])),
    outputs: outputs.map((fed, index) => takeRest('outputs', fed, feeds.outputs[index])),
    weights,
  };
}

/** What weighs the samples: one or none. */
function weightsOf(
  source: Source,
  { weights }: Feeds,
  kind: FilePart,
  known: readonly string[],
): Fed[] {
  const [column = ''] = weights?.from ?? [];
  if (!weights) return [];
  if (known.includes(column)) return [{ name: weights.name, from: [column] }];
  const values = { path: source.name, kind, name: column, known: listed(known) };
  return refuse('dataFeatureNotFound', values, dataKey(source, 'sampleWeights'));
}

function placeOf(source: Source, side: FeedSide, name: string, isNamed: boolean) {
  return isNamed ? dataKey(source, side, name) : dataKey(source, source.key);
}

/** What to write into the config. */
function exampleOf({ inputs, outputs }: Feeds): string {
  const object = (feeds: readonly Feed[]) =>
    `{ ${feeds.map(({ name }) => `"${name}": "…"`).join(', ')} }`;
  const own = inputs.length > 1 ? [`"inputs": ${object(inputs)}`] : [];
  const learnt = outputs.length > 1 ? `"outputs": ${object(outputs)}` : '"label": "…"';
  return `{ ${[...own, learnt].join(', ')} }`;
}

async function readArrays(source: Source, feeds: Feeds): Promise<Parts> {
  const archive = await openNpz(source);
  const { inputs, outputs, weights } = resolve(source, feeds, 'array', archive.names);
  const arrays = await archive.read(
    [...inputs, ...outputs, ...weights].flatMap(({ from }) => from),
  );
  const part = ({ name, from }: Fed): Part => {
    const values = from.map((each) => arrays.get(each)).filter((each) => each !== undefined);
    const joined = sideBySide(source, from, values);
    const isBytes = joined.kind === 'numbers' && joined.isBytes;
    return { name, from, values: joined, scale: isBytes ? 'bytes' : 'columns' };
  };
  return {
    inputs: inputs.map(part),
    outputs: [...outputs.map(part), ...(await ownLabels(source, feeds))],
    weights: weights.map(part)[0] ?? null,
    ...noPlan,
    file: source.file,
  };
}

/** The only output's labels, where they are a file of their own. */
async function ownLabels(source: Source, feeds: Feeds): Promise<Part[]> {
  if (source.labelsFile === null) return [];
  const [output] = feeds.outputs;
  const values = await readLabelsFile(source);
  return [{ name: output?.name ?? 'output', from: [source.labelsKey], values, scale: 'none' }];
}

async function readColumns(
  source: Source,
  feeds: Feeds,
  format: keyof typeof tableFormats,
): Promise<Parts> {
  if (source.options.window !== undefined) refuse('dataPartsWindow', {}, dataKey(source, 'window'));
  const open = tableFormats[format];
  const names = await columnNames(source, open);
  const kind = format === 'json' ? 'key' : 'column';
  const { inputs, outputs, weights } = resolve(source, feeds, kind, names);
  const labels = new Set([...outputs, ...weights].flatMap(({ from }) => from));
  const columns = [...new Set([...inputs, ...outputs, ...weights].flatMap(({ from }) => from))];
  const sink = new MemorySink();
  const table = await readRows(
    { ...source, features: columns, label: undefined, outputs: labels },
    open,
    sink,
  );
  const { plan } = table.table;
  const rows = sink.features.toArray();
  const part = ({ name, from }: Fed, isOutput: boolean): Part => ({
    name,
    from,
    values: columnsOf(plan.columns, from, rows, table.count, isOutput),
    scale: 'columns',
  });
  return {
    inputs: inputs.map((fed) => part(fed, false)),
    outputs: [...outputs.map((fed) => part(fed, true)), ...(await ownLabels(source, feeds))],
    weights: weights.map((fed) => part(fed, true))[0] ?? null,
    columns: table.table.columns.map((column) =>
      labels.has(column.name) ? { ...column, use: 'label' } : column,
    ),
    plan,
    file: source.file,
  };
}

/** The names of a table's columns, found by reading it as far as its header, or all of its keys. */
async function columnNames(
  source: Source,
  open: (source: Source) => Promise<RowSource>,
): Promise<readonly string[]> {
  if (source.plan) return source.plan.columns.map(({ name }) => name);
  const rows = await open(source);
  if (!rows.firstRowMayBeHeader) {
    await rows.read(() => undefined, false);
    return rows.names;
  }
  const head = await firstRow(rows);
  return source.options.header === 'none' ? head.map((_, index) => String(index)) : head;
}

/** Ends a reading that has seen enough. */
class Seen extends Error {
  constructor(readonly row: readonly string[]) {
    super('The first row was read.');
  }
}

async function firstRow(rows: RowSource): Promise<readonly string[]> {
  try {
    await rows.read((cells) => {
      throw new Seen(cells.map(String));
    }, false);
    return [];
  } catch (error) {
    if (error instanceof Seen) return error.row;
    throw error;
  }
}

/** Some columns of encoded rows; the only column of an output that holds texts as texts. */
function columnsOf(
  planned: readonly PlannedColumn[],
  from: readonly string[],
  rows: Float32Array,
  count: number,
  isOutput: boolean,
): RawLabels {
  const width = planned.reduce((total, column) => total + column.width, 0);
  const spans = from.map((name) => {
    const index = planned.findIndex((column) => column.name === name);
    const start = planned.slice(0, index).reduce((total, column) => total + column.width, 0);
    return { column: planned[index], start };
  });
  const [only] = spans;
  const encoding = spans.length === 1 ? only?.column?.encoding : undefined;
  const size = spans.reduce((total, { column }) => total + (column?.width ?? 0), 0);
  const values = new Float32Array(count * size);
  let at = 0;
  for (let row = 0; row < count; row++) {
    for (const { column, start } of spans) {
      for (let offset = 0; offset < (column?.width ?? 0); offset++)
        values[at++] = rows[row * width + start + offset] ?? 0;
    }
  }
  if (isOutput && encoding?.kind === 'ordinal')
    return { kind: 'texts', names: encoding.values, indices: Uint32Array.from(values) };
  const shape = encoding?.kind === 'array' ? encoding.shape : [size];
  return { kind: 'numbers', shape: [count, ...shape], values, isBytes: false };
}

/** The same of what a data module gave by names. */
export async function partsOfModule(
  source: Source,
  result: unknown,
  feeds: Feeds,
  prefix = '',
): Promise<Parts> {
  const namesOf = (side: readonly Feed[]) => side.map(({ name }) => name);
  const { features, labels } = await namedSamples(
    source,
    result,
    { inputs: namesOf(feeds.inputs), outputs: namesOf(feeds.outputs) },
    prefix,
  );
  const take = (
    side: FeedSide,
    { name, from }: Feed,
    given: ReadonlyMap<string, RawLabels>,
  ): Part => {
    const key = from?.[0] ?? name;
    const isOnly = given.size === 1 && feeds[side].length === 1 && !feeds.weights;
    const [only] = isOnly ? given.values() : [];
    const values = given.get(key) ?? only;
    if (values) return { name, from: [key], values, scale: 'none' };
    const texts = {
      side: sideName(side),
      name,
      path: source.name,
      known: listed([...given.keys()]),
    };
    const example = `{ "${side}": { "${name}": "…" } }`;
    return refuse('dataPartNotFound', { ...texts, kind: 'array', example }, { file: source.file });
  };
  return {
    inputs: feeds.inputs.map((feed) => take('inputs', feed, features)),
    outputs: feeds.outputs.map((feed) => take('outputs', feed, labels)),
    weights: feeds.weights && take('outputs', feeds.weights, labels),
    ...noPlan,
    file: source.file,
  };
}
