import { fail, ok, type Result } from '../text/problem';

/** The sizes a config asks for: a range (its minimum, doublings, maximum) or a list. */
type BatchSizes = { readonly min: number; readonly max?: number | undefined } | readonly number[];

/**
 * The batch sizes a sweep may try, ascending and without repeats. A range is its minimum, the
 * doublings of it, and its maximum; the data set's `samples` are the default maximum and never
 * exceeded. A list is taken as it stands; a size in it that the data set cannot fill is an error.
 */
export function batchSizeLadder(sizes: BatchSizes, samples: number): Result<readonly number[]> {
  if (isList(sizes)) return fromList(sizes, samples);
  if (sizes.max !== undefined && sizes.max < sizes.min) {
    return fail('batchSizeRangeReversed', { min: sizes.min, max: sizes.max });
  }
  const top = Math.min(sizes.max ?? samples, samples);
  const rungs: number[] = [];
  for (let size = sizes.min; size < top; size *= 2) rungs.push(size);
  return ok([...rungs, top]);
}

function fromList(list: readonly number[], samples: number): Result<readonly number[]> {
  if (list.length === 0) return fail('batchSizesEmpty');
  for (const batchSize of list) {
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      return fail('batchSizeNotPositive', { batchSize });
    }
    if (batchSize > samples) return fail('batchSizeAboveDataset', { batchSize, samples });
  }
  return ok([...new Set(list)].sort((a, b) => a - b));
}

/** The rung nearest to a size, measured in doublings; of two equally near ones the smaller. */
export function nearestRung(rungs: readonly number[], batchSize: number): number | null {
  const distance = (rung: number) => Math.abs(Math.log2(rung / batchSize));
  return rungs.reduce<number | null>(
    (best, rung) => (best === null || distance(rung) < distance(best) ? rung : best),
    null,
  );
}

function isList(sizes: BatchSizes): sizes is readonly number[] {
  return Array.isArray(sizes);
}
