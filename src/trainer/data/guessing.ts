import { eachLabel, type AnySamples } from './samples';

/** The metrics of guessing without the features. */
interface Guess {
  /** The loss of the best constant output; null where it is not known for the loss. */
  readonly loss: number | null;
  /** The share of the largest class; null for regression. */
  readonly accuracy: number | null;
}

/**
 * The metrics of the best guess that ignores the features: the bar that anything learned
 * lies beyond. Data on disk are counted as a whole, for a split of them is another order of rows. Null
 * for labels of several values that are no classes, and without samples.
 * @param labelShape of one label, as it is trained on
 */
export function guessingOf(
  samples: AnySamples,
  labelShape: readonly number[],
  isClassified: boolean,
  loss: string,
): Guess | null {
  const width = labelShape.reduce((all, size) => all * size, 1);
  if (samples.count === 0) return null;
  if (!isClassified) return width === 1 && loss === 'meanSquaredError' ? varianceOf(samples) : null;
  if (width === 1) return guessClasses(countsOf(samples));
  // Rows of one class each: as many ones as samples, anywhere else zeros.
  if (labelShape.length !== 1 || loss === 'binaryCrossentropy') return null;
  const counts = oneHotCounts(samples, width);
  return counts && guessClasses(counts);
}

function guessClasses(counts: readonly number[]): Guess {
  const samples = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.filter((count) => count > 0).map((count) => count / samples);
  return {
    loss: shares.reduce((sum, share) => sum - share * Math.log(share), 0),
    accuracy: Math.max(...shares),
  };
}

function countsOf(samples: AnySamples): number[] {
  const counts = new Map<number, number>();
  eachLabel(samples, (value) => {
    counts.set(value, (counts.get(value) ?? 0) + 1);
    return true;
  });
  return [...counts.values()];
}

function oneHotCounts(samples: AnySamples, width: number): number[] | null {
  const counts = Array<number>(width).fill(0);
  let place = 0;
  const isPlain = eachLabel(samples, (value) => {
    const column = place++ % width;
    counts[column] = (counts[column] ?? 0) + value;
    return value === 0 || value === 1;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return isPlain && total === place / width ? counts : null;
}

/** By Welford's sums, for labels may lie far from 0. */
function varianceOf(samples: AnySamples): Guess {
  let [count, mean, squares] = [0, 0, 0];
  eachLabel(samples, (value) => {
    const before = value - mean;
    mean += before / ++count;
    squares += before * (value - mean);
    return true;
  });
  return { loss: squares / count, accuracy: null };
}
