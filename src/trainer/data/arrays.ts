import { ProblemError } from '../../core/text/problem';
import { namedSplit, type NamedSplit } from './arrayNames';
import { selectParts } from './columns';
import { ZipArchive, type ZipMember } from '../zipArchive';
import { headerBytes, readArrayFile, readBytes, requireMemory } from './fileBytes';
import { isIdx, parseIdx } from './idx';
import { readLabelsFile } from './labelsFile';
import { npyLayout, parseNpy, type NpyLayout } from './npy';
import {
  dataKey,
  listed,
  product,
  refuse,
  shapeText,
  type NumberArray,
  type Numbers,
  type OwnValidation,
  type RawData,
  type RawLabels,
  type Source,
} from './rawData';
import { causeOf } from '../../core/text/errorText';

/** Reads a NumPy array of features; its labels are a file of their own. */
export async function readNpy(source: Source): Promise<RawData> {
  const bytes = await readArrayFile(source.file, source.name, source);
  const features = parseNpy(bytes, source.name, { file: source.file });
  return arrayData(source, features, await readLabelsFile(source), false);
}

/** Reads MNIST's format, gzipped or not; images without a channel axis get one. */
export async function readIdx(source: Source): Promise<RawData> {
  const bytes = await readArrayFile(source.file, source.name, source);
  const place = { file: source.file };
  if (!isIdx(bytes))
    refuse('dataFormatUnknown', { path: source.name }, dataKey(source, source.key));
  const features = parseIdx(bytes, source.name, place);
  return arrayData(source, features, await readLabelsFile(source), true);
}

/**
 * Reads arrays that `numpy.savez` put into one file; several feature arrays are laid side by side.
 * Only the headers are read of arrays that are not used.
 */
export async function readNpz(source: Source): Promise<RawData> {
  const archive = await openNpz(source);
  const split = splitOf(source, archive.names);
  const own = split ? { ...source, label: split.train.label } : source;
  const { features, label } = selectParts(own, 'array', archive.names, (labels) =>
    split ? [split.train.features] : archive.numeric.filter((name) => name !== labels),
  );
  const arrays = await archive.read([...features, ...(label === null ? [] : [label])]);
  const chosen = features.map((name) => arrays.get(name) ?? emptyNumbers);
  const labels =
    label === null ? await readLabelsFile(source) : (arrays.get(label) ?? emptyNumbers);
  const data = arrayData(source, sideBySide(source, features, chosen), labels, false, features);
  return { ...data, ownValidation: split?.validation ? validationOf(source, split) : null };
}

/** Arrays by their names, where the config names no others. */
function splitOf(source: Source, names: readonly string[]): NamedSplit | null {
  if (source.key !== 'train' || source.features !== undefined || source.labelsFile !== null)
    return null;
  const split = namedSplit(names);
  if (split === null) return null;
  const isOther = split.validation === null || source.label !== split.train.label;
  if (source.label !== undefined && isOther) return null;
  const { features, label } = split.train;
  const values = { features, label, validation: split.validation?.features ?? '' };
  source.note({ id: split.validation ? 'dataNoteArraysSplit' : 'dataNoteArraysNamed', values });
  return split;
}

function validationOf({ name }: Source, { validation }: NamedSplit): OwnValidation {
  return {
    validation: name,
    ...(validation && { features: [validation.features], label: validation.label }),
  };
}

/** An .npz file whose arrays are read by their names. */
interface NamedArrays {
  readonly names: readonly string[];
  /** Those that hold numbers. */
  readonly numeric: readonly string[];
  /** Reads some of them, once it is known that they fit into memory. */
  readonly read: (names: readonly string[]) => Promise<ReadonlyMap<string, RawLabels>>;
}

/** Opens an .npz file to read some of its arrays; only the headers are read of the others. */
export async function openNpz(source: Source): Promise<NamedArrays> {
  const bytes = await readBytes(source.file, source.hash);
  const archive = await ofArchive(source, () => ZipArchive.open(bytes));
  const arrays = await listArrays(source, archive);
  const names = [...arrays.keys()];
  return {
    names,
    numeric: names.filter((name) => arrays.get(name)?.layout.isText === false),
    read: async (wanted) => {
      const needed = wanted.map((name) => bytesInMemory(arrays.get(name)?.layout));
      const total = needed.reduce((sum, each) => sum + each, 0);
      requireMemory(total, source.name, { file: source.file });
      const read = new Map<string, RawLabels>();
      for (const name of new Set(wanted)) {
        const array = arrays.get(name);
        if (!array) continue;
        const content = await ofArchive(source, () => archive.read(array.member));
        read.set(name, parseNpy(content, `${source.name}/${name}`, { file: source.file }));
      }
      return read;
    },
  };
}

interface ArchivedArray {
  readonly member: ZipMember;
  readonly layout: NpyLayout;
}

/** The arrays of an archive by name; what is not one is told in a note, unless it is asked for. */
async function listArrays(
  source: Source,
  archive: ZipArchive,
): Promise<ReadonlyMap<string, ArchivedArray>> {
  const arrays = new Map<string, ArchivedArray>();
  const asked = new Set([...(source.features ?? []), source.label]);
  const unread: string[] = [];
  for (const member of archive.members) {
    if (!member.name.endsWith('.npy')) continue;
    const name = member.name.replace(/\.npy$/, '');
    const start = await ofArchive(source, () => archive.start(member, headerBytes));
    try {
      const place = { file: source.file };
      const layout = npyLayout(start, member.bytes, `${source.name}/${name}`, place);
      if (asked.has(name) || layout.isText || layout.shape.length > 0)
        arrays.set(name, { member, layout });
      else unread.push(name);
    } catch (error) {
      if (asked.has(name) || !(error instanceof ProblemError)) throw error;
      unread.push(name);
    }
  }
  if (unread.length > 0)
    source.note({ id: 'dataNoteArraysUnused', values: { columns: listed(unread) } });
  return arrays;
}

/** An array as its file has it, and as the numbers that it becomes. */
function bytesInMemory(layout: NpyLayout | undefined): number {
  if (!layout) return 0;
  const converted = layout.type === 'f4' ? 0 : Float32Array.BYTES_PER_ELEMENT;
  return layout.fileBytes + converted * product(layout.shape);
}

/** Runs what unpacks an archive: what it throws is a fault of the file. */
async function ofArchive<T>(source: Source, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const cause = causeOf(error);
    return refuse('dataNpzRead', { path: source.name, cause }, { file: source.file });
  }
}

/** Several arrays as one: each sample's numbers one array after the other. */
export function sideBySide(
  source: Source,
  names: readonly string[],
  arrays: readonly RawLabels[],
): RawLabels {
  const [first] = arrays;
  if (!first || arrays.length === 1) return first ?? emptyNumbers;
  const parts = arrays.map((array) =>
    array.kind === 'numbers'
      ? array
      : refuse('dataTextFeatures', { path: source.name }, dataKey(source, source.key)),
  );
  const count = parts[0]?.shape[0] ?? 0;
  const widths = parts.map((part) => product(part.shape.slice(1)));
  parts.forEach((part, index) => {
    const found = part.shape[0] ?? 0;
    if (found === count) return;
    const values = { key: names[index] ?? '', found, other: names[0] ?? '', expected: count };
    refuse('dataKeyCount', values, dataKey(source, source.key));
  });
  const width = widths.reduce((total, each) => total + each, 0);
  const values = new Float32Array(count * width);
  let column = 0;
  parts.forEach((part, index) => {
    const own = widths[index] ?? 0;
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < own; at++) {
        values[row * width + column + at] = part.values[row * own + at] ?? 0;
      }
    }
    column += own;
  });
  return { kind: 'numbers', shape: [count, width], values, isBytes: parts.every((p) => p.isBytes) };
}

const emptyNumbers: Numbers = {
  kind: 'numbers',
  shape: [0],
  values: new Float32Array(0),
  isBytes: false,
};

/**
 * Features and labels as arrays with a first axis of samples.
 * @param addChannel gives images of bytes, [height, width], a last axis of 1
 */
function arrayData(
  source: Source,
  features: RawLabels,
  labels: RawLabels,
  addChannel: boolean,
  featureNames: readonly string[] | null = null,
): RawData {
  const place = { file: source.file };
  if (features.kind === 'texts') refuse('dataTextFeatures', { path: source.name }, place);
  const [count, ...shape] = features.shape;
  if (count === undefined) refuse('dataScalar', { path: source.name }, place);
  const isImage =
    shape.length === 2 && ((addChannel && features.isBytes) || lacksChannel(source, shape));
  return {
    count,
    sampleShape: isImage ? [...shape, 1] : shape.length === 0 ? [1] : shape,
    features: toFloats(features.values),
    scale: features.isBytes ? 'bytes' : 'columns',
    featureNames,
    labels,
    file: source.file,
  };
}

/** Whether a model takes these images with a last axis of 1. */
export function lacksChannel({ inputShape }: Source, shape: readonly number[]): boolean {
  return inputShape !== null && shapeText(inputShape) === shapeText([...shape, 1]);
}

function toFloats(values: NumberArray): Float32Array {
  return values instanceof Float32Array ? values : new Float32Array(values);
}
