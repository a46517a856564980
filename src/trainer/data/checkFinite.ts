import { product, refuse, shapeText, type RawData } from './rawData';

/** Refuses features that are not finite, by sample and place. */
export function checkFinite(data: RawData): void {
  checkFiniteFrom(data.features, 0, data);
}

/** As checkFinite, of a piece whose first value belongs to sample `first` (from 0). */
export function checkFiniteFrom(
  values: Float32Array | Float64Array,
  first: number,
  about: Pick<RawData, 'sampleShape' | 'featureNames' | 'file'>,
): void {
  const wrong = firstNotFinite(values);
  if (wrong < 0) return;
  const size = product(about.sampleShape);
  const within = wrong % size;
  const column = about.featureNames?.length === size ? about.featureNames[within] : undefined;
  const where =
    column === undefined
      ? `at ${shapeText(coordinates(within, about.sampleShape))}`
      : `in "${column}"`;
  const sample = first + Math.floor(wrong / size) + 1;
  const actual = String(Math.fround(values[wrong] ?? NaN));
  refuse('dataNotFinite', { sample, actual, where }, { file: about.file });
}

/**
 * The first that is no finite 32-bit number; -1 where all are. It is asked of every value of the
 * data, and a callback for each takes several times as long.
 */
function firstNotFinite(values: Float32Array | Float64Array): number {
  for (let at = 0; at < values.length; at++) {
    if (!Number.isFinite(Math.fround(values[at] ?? NaN))) return at;
  }
  return -1;
}

function coordinates(within: number, sampleShape: readonly number[]): number[] {
  const found: number[] = [];
  let rest = within;
  for (const size of [...sampleShape].reverse()) {
    found.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return found;
}
