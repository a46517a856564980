import type { NumberArray } from './rawData';

/** Values stored with the first axis fastest (Fortran's order), laid out with the last one fastest. */
export function inRowMajorOrder<T extends NumberArray>(stored: T, shape: readonly number[]): T {
  if (shape.length < 2) return stored;
  const ordered = stored.slice() as T;
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const index = shape.map(() => 0);
  for (let at = 0, from = 0; at < stored.length; at++) {
    ordered[at] = stored[from] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      index[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return ordered;
}
