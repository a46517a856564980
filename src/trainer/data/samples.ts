import type { Samples } from './dataset';
import { RecordReader } from './records/recordReader';
import { RowFiller } from './records/rowFiller';
import { rowMap } from './records/rowMap';
import type { StreamedSamples } from './records/streamedDataset';

/** What can be asked of samples, wherever they are. On disk, answers take a pass over the file. */
export type AnySamples = Samples | StreamedSamples;

const onDisk = (samples: AnySamples): samples is StreamedSamples => 'scale' in samples;
const piecesOf = 4096;

/** The first feature value for which `test` is true, null where there is none. */
export function findFeature(samples: AnySamples, test: (value: number) => boolean): number | null {
  if (!onDisk(samples)) return samples.features.find(test) ?? null;
  for (const { features } of piecesInOrder(samples)) {
    const found = features.find(test);
    if (found !== undefined) return found;
  }
  return null;
}

/** Calls `visit` with labels as they are trained on, until it returns false. */
export function eachLabel(samples: AnySamples, visit: (value: number) => boolean): boolean {
  if (!onDisk(samples)) return samples.labels.every(visit);
  const encodings = samples.encodings && new Map(samples.encodings);
  const reader = new RecordReader(samples.labels);
  try {
    for (const { values } of reader.chunks()) {
      if (!values.every((value) => visit(encodings?.get(value) ?? Math.fround(value))))
        return false;
    }
    return true;
  } finally {
    reader.close();
  }
}

/** The same samples with label `index` replaced by `numbers[index]`. */
export function renumbered<S extends AnySamples>(samples: S, numbers: readonly number[]): S {
  if (!onDisk(samples)) {
    return { ...samples, labels: samples.labels.map((index) => numbers[index] ?? NaN) };
  }
  const before = samples.encodings ?? numbers.map((_, index) => [index, index] as const);
  const encodings = before.map(([stored, index]) => [stored, numbers[index] ?? NaN] as const);
  return { ...samples, encodings };
}

/** Reads samples into memory. */
export function inMemory(samples: StreamedSamples): Samples {
  const { count } = samples;
  const features = new Float32Array(count * samples.features.width);
  const labels = new Float32Array(count * samples.labels.width);
  for (const piece of piecesInOrder(samples)) {
    features.set(piece.features, piece.first * samples.features.width);
    labels.set(piece.labels, piece.first * samples.labels.width);
  }
  return { count, features, labels };
}

function* piecesInOrder(samples: StreamedSamples) {
  const { count, features, labels } = samples;
  const map = rowMap(samples.rows, count);
  const filler = new RowFiller(samples);
  try {
    const atOnce = Math.max(1, Math.min(piecesOf, Math.floor(2 ** 20 / features.width)));
    for (let first = 0; first < count; first += atOnce) {
      const length = Math.min(atOnce, count - first);
      const rows = Int32Array.from({ length }, (_, index) => map.rowOf(first + index));
      const piece = {
        first,
        features: new Float32Array(length * features.width),
        labels: new Float32Array(length * labels.width),
      };
      filler.fill(rows, piece.features, piece.labels);
      yield piece;
    }
  } finally {
    filler.close();
  }
}
