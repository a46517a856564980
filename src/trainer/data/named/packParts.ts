import type { LossName } from '../../../core/model/losses';
import type { Place, Text } from '../../../core/text/problem';
import { checkFinite } from '../checkFinite';
import type { DataParts, Dataset, PackedPart, Samples } from '../dataset';
import { classCounts, encodeLabels, labelCode, type LabelCode } from '../labels';
import { measureColumns, type FeatureScale } from '../normalize';
import { product, refuse, type RawData } from '../rawData';
import { splitSamples, takeRows } from '../split';
import { sideName, type FeedSide } from './feeds';
import type { Part, Parts } from './parts';

/** What packing has to know of the config. */
export interface Packing {
  readonly contentHash: string;
  readonly notes: readonly Text[];
  readonly normalize: boolean;
  /** Share of the samples that validate, where no others do. */
  readonly fraction: number;
  readonly seed: number;
  /** The loss of each output that the config gives one. */
  readonly losses: ReadonlyMap<string, LossName>;
  /** Where a person corrects a label that does not fit, by output. */
  readonly labelPlace: (output: string) => Place;
  readonly dataPlace: Place;
}

/**
 * Packs what feeds each input side by side into rows of features, and what each output learns into
 * rows of labels, in the order given.
 * @param given validation data; null splits them off
 */
export function packParts(train: Parts, given: Parts | null, packing: Packing): Dataset {
  const codes = train.outputs.map(({ name, values }) =>
    labelCode(values, packing.losses.get(name) ?? null, packing.labelPlace(name)),
  );
  const outputs = offsets(
    train.outputs.map(({ name, from }, index) => ({
      ...{ name, from },
      shape: codes[index]?.shape ?? [],
      classes: codes[index]?.classes ?? null,
    })),
  );
  const parts: DataParts = {
    inputs: offsets(
      train.inputs.map((part) => ({ name: part.name, from: part.from, shape: sampleShape(part) })),
    ),
    outputs,
    weights: train.weights && { offset: widthOf(outputs), shape: [] },
  };
  const all = samplesOf(train, train, codes, packing);
  const sides = given
    ? { train: all, validation: samplesOf(given, train, codes, packing) }
    : split(all, parts, packing);
  const [onlyOutput] = parts.outputs;
  const isSingle = parts.outputs.length === 1 && onlyOutput !== undefined;
  const isAlone = isSingle && !parts.weights;
  const [onlyCode] = codes;
  const width = labelWidth(parts);
  return {
    sampleShape: [widthOf(parts.inputs)],
    labelShape: isAlone ? onlyOutput.shape : [width],
    ...sides,
    parts,
    pendingScale: packing.normalize ? scaleOf(train.inputs, parts, sides.train) : { kind: 'none' },
    reading: {
      notes: packing.notes,
      columns: train.columns,
      classes:
        isSingle && onlyCode ? classesOf(onlyCode, all.labels, parts.weights ? width : 1) : [],
    },
    classes: isSingle ? onlyOutput.classes : null,
    contentHash: packing.contentHash,
  };
}

/** @param step how far a class index is from the next one */
function classesOf(code: LabelCode, labels: Float32Array, step: number) {
  const counts: number[] = [];
  for (let at = 0; at < labels.length; at += step) {
    const index = labels[at] ?? 0;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return classCounts(code, code.classes === null ? [] : counts);
}

function sampleShape({ values }: Part): readonly number[] {
  if (values.kind === 'texts') return [1];
  const shape = values.shape.slice(1);
  return shape.length === 0 ? [1] : shape;
}

/** Parts with the places where they begin in a row, one after the other. */
function offsets<P extends Pick<PackedPart, 'shape'>>(
  parts: readonly P[],
): (P & Pick<PackedPart, 'offset'>)[] {
  let offset = 0;
  return parts.map((part) => {
    const own = { ...part, offset };
    offset += product(part.shape);
    return own;
  });
}

function widthOf(parts: readonly PackedPart[]): number {
  return parts.reduce((total, { shape }) => total + product(shape), 0);
}

function labelWidth({ outputs, weights }: DataParts): number {
  return widthOf(outputs) + (weights ? 1 : 0);
}

/** @param train the training data, whose shapes validation data must have */
function samplesOf(
  given: Parts,
  train: Parts,
  codes: readonly LabelCode[],
  { labelPlace, dataPlace }: Packing,
): Samples {
  const place = { file: given.file };
  const [first] = given.inputs;
  const count = countOf(first);
  if (first === undefined || count === 0) refuse('dataEmpty', { path: given.file }, place);
  for (const side of ['inputs', 'outputs'] as const) {
    for (const part of given[side]) checkCount(part, side, first, count, dataPlace);
  }
  given.inputs.forEach((part, index) => {
    const expected = train.inputs[index];
    if (!expected || sampleShape(part).join() === sampleShape(expected).join()) return;
    const shapes = {
      model: `[${sampleShape(expected).join(', ')}]`,
      data: `[${sampleShape(part).join(', ')}]`,
    };
    refuse('dataPartsShape', { side: 'input', name: part.name, ...shapes }, dataPlace);
  });
  const inputs = given.inputs.map((part) => {
    if (part.values.kind === 'texts')
      refuse('dataTextFeatures', { path: part.from.join(', ') }, place);
    const { values } = part.values;
    const features = values instanceof Float32Array ? values : new Float32Array(values);
    const data = rawData(part, features, count, given.file);
    checkFinite(data);
    return features;
  });
  const labels = given.outputs.map((part, index) => {
    const code = codes[index];
    if (!code) throw new Error(`No labels for ${part.name}.`);
    return encodeLabels(
      rawData(part, new Float32Array(0), count, given.file),
      code,
      labelPlace(part.name),
    );
  });
  const { weights } = given;
  if (weights) checkCount(weights, 'outputs', first, count, dataPlace);
  const rows = weights ? [...labels, weightsIn(weights, given.file, given === train)] : labels;
  return { count, features: packed(inputs, count), labels: packed(rows, count) };
}

/** How much samples count: numbers from 0 up, and not all 0 where they are trained on. */
function weightsIn({ values, from }: Part, file: string, isTrained: boolean): Float32Array {
  const weights = values.kind === 'texts' ? null : Float32Array.from(values.values);
  const row = weights?.findIndex((weight) => !(weight >= 0 && weight < Infinity)) ?? 0;
  const isWide = values.kind === 'numbers' && product(values.shape) !== values.shape[0];
  const names = from.join(', ');
  if (weights && row < 0 && !isWide) {
    if (!isTrained || weights.some((weight) => weight > 0)) return weights;
    refuse('dataSampleWeightsZero', { name: names }, { file });
  }
  return refuse('dataSampleWeights', { name: names, row: Math.max(0, row) + 1 }, { file });
}

function rawData(part: Part, features: Float32Array, count: number, file: string): RawData {
  return {
    count,
    sampleShape: sampleShape(part),
    features,
    scale: part.scale,
    featureNames: new Array<string>(product(sampleShape(part))).fill(part.from.join(', ')),
    labels: part.values,
    file,
  };
}

function countOf(part: Part | undefined): number {
  if (!part) return 0;
  return part.values.kind === 'texts' ? part.values.indices.length : (part.values.shape[0] ?? 0);
}

function checkCount(part: Part, side: FeedSide, first: Part, expected: number, place: Place): void {
  const found = countOf(part);
  if (found === expected) return;
  const values = { side: sideName(side), name: part.name, found, other: first.name, expected };
  refuse('dataPartsCount', values, place);
}

/** Arrays of as many rows, side by side. */
function packed(arrays: readonly Float32Array[], count: number): Float32Array {
  const [first] = arrays;
  if (arrays.length === 1 && first) return first;
  const widths = arrays.map((array) => array.length / count);
  const width = widths.reduce((total, each) => total + each, 0);
  const rows = new Float32Array(count * width);
  let column = 0;
  arrays.forEach((array, index) => {
    const own = widths[index] ?? 0;
    for (let row = 0; row < count; row++)
      rows.set(array.subarray(row * own, (row + 1) * own), row * width + column);
    column += own;
  });
  return rows;
}

/** By the classes of the first output that has a class for each sample. */
function split(
  all: Samples,
  parts: DataParts,
  { fraction, seed, dataPlace }: Packing,
): { readonly train: Samples; readonly validation: Samples } {
  const { count } = all;
  const { inputs, outputs } = parts;
  if (count < 2) refuse('dataTooFew', { samples: count }, dataPlace);
  const [size, width] = [widthOf(inputs), labelWidth(parts)];
  const classed = outputs.find(({ classes, shape }) => classes !== null && shape.length === 0);
  const classOf = classed
    ? (sample: number) => all.labels[sample * width + classed.offset] ?? 0
    : null;
  const chosen = splitSamples(count, fraction, seed, classOf);
  const side = (samples: Uint32Array): Samples => ({
    count: samples.length,
    features: takeRows(all.features, size, samples),
    labels: takeRows(all.labels, width, samples),
  });
  return { train: side(chosen.train), validation: side(chosen.validation) };
}

/** One scale for the packed rows: each part by its own columns, as it would be alone. */
function scaleOf(
  parts: readonly Part[],
  { inputs }: DataParts,
  { count, features }: Samples,
): FeatureScale {
  const width = widthOf(inputs);
  const mean = new Array<number>(width).fill(0);
  const inverse = new Array<number>(width).fill(1);
  inputs.forEach(({ offset, shape }, index) => {
    const size = product(shape);
    const scale = parts[index]?.scale ?? 'none';
    if (scale === 'bytes') inverse.fill(1 / 255, offset, offset + size);
    if (scale !== 'columns') return;
    const own = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const start = row * width + offset;
      own.set(features.subarray(start, start + size), row * size);
    }
    const columns = shape.at(-1) ?? 1;
    const measured = measureColumns(own, columns);
    for (let at = 0; at < size; at++) {
      mean[offset + at] = measured.mean[at % columns] ?? 0;
      inverse[offset + at] = measured.inverse[at % columns] ?? 1;
    }
  });
  return { kind: 'columns', mean, inverse };
}
