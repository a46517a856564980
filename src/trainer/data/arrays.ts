import { unzipSync } from 'fflate';
import { ProblemError } from '../../core/text/problem';
import { selectParts } from './columns';
import { readBytes, readUnpacked } from './fileBytes';
import { isIdx, parseIdx } from './idx';
import { readLabelsFile } from './labelsFile';
import { parseNpy } from './npy';
import {
  dataKey,
  listed,
  product,
  refuse,
  type NumberArray,
  type Numbers,
  type RawData,
  type RawLabels,
  type Source,
} from './rawData';
import { causeOf } from '../../core/text/errorText';

/** Reads a NumPy array of features; its labels are a file of their own. */
export async function readNpy(source: Source): Promise<RawData> {
  const bytes = await readUnpacked(source.file, source);
  const features = parseNpy(bytes, source.name, { file: source.file });
  return arrayData(source, features, await readLabelsFile(source), false);
}

/** Reads MNIST's format, gzipped or not; images without a channel axis get one. */
export async function readIdx(source: Source): Promise<RawData> {
  const bytes = await readUnpacked(source.file, source);
  const place = { file: source.file };
  if (!isIdx(bytes))
    refuse('dataFormatUnknown', { path: source.name }, dataKey(source, source.key));
  const features = parseIdx(bytes, source.name, place);
  return arrayData(source, features, await readLabelsFile(source), true);
}

/** Reads arrays that `numpy.savez` put into one file; several feature arrays are laid side by side. */
export async function readNpz(source: Source): Promise<RawData> {
  const archive = unzip(await readBytes(source.file, source.hash), source);
  const arrays = new Map<string, RawLabels>();
  const asked = new Set([...(source.features ?? []), source.label]);
  const unread: string[] = [];
  for (const [file, bytes] of Object.entries(archive)) {
    const name = file.replace(/\.npy$/, '');
    try {
      const array = parseNpy(bytes, `${source.name}/${name}`, { file: source.file });
      if (asked.has(name) || array.kind === 'texts' || array.shape.length > 0)
        arrays.set(name, array);
      else unread.push(name);
    } catch (error) {
      if (asked.has(name) || !(error instanceof ProblemError)) throw error;
      unread.push(name);
    }
  }
  if (unread.length > 0)
    source.note({ id: 'dataNoteArraysUnused', values: { columns: listed(unread) } });
  const names = [...arrays.keys()];
  const numeric = names.filter((name) => arrays.get(name)?.kind === 'numbers');
  const { features, label } = selectParts(source, 'array', names, (own) =>
    numeric.filter((name) => name !== own),
  );
  const chosen = features.flatMap((name) => arrays.get(name) ?? []);
  const labels = (label === null ? null : arrays.get(label)) ?? (await readLabelsFile(source));
  return arrayData(source, sideBySide(source, features, chosen), labels, false, features);
}

function unzip(bytes: Uint8Array, source: Source): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: ({ name }) => name.endsWith('.npy') });
  } catch (error) {
    const cause = causeOf(error);
    return refuse('dataNpzRead', { path: source.name, cause }, { file: source.file });
  }
}

/** Several arrays as one: each sample's numbers one array after the other. */
function sideBySide(
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
  const isImage = addChannel && shape.length === 2 && features.isBytes;
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

function toFloats(values: NumberArray): Float32Array {
  return values instanceof Float32Array ? values : new Float32Array(values);
}
