import type { ChangedRange } from '@lezer/common';

/** A replacement in a document: offsets before the edit, and the length of what took its place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly inserted: number;
}

/** Edits as Lezer wants them: in order, with offsets in both texts; null when they overlap. */
export function changedRanges(edits: readonly Edit[]): ChangedRange[] | null {
  const ordered = [...edits].sort((a, b) => a.from - b.from);
  let shift = 0;
  let end = 0;
  const ranges: ChangedRange[] = [];
  for (const { from, to, inserted } of ordered) {
    if (from < end || to < from) return null;
    ranges.push({ fromA: from, toA: to, fromB: from + shift, toB: from + shift + inserted });
    shift += inserted - (to - from);
    end = to;
  }
  return ranges;
}

/** Characters that are compared at once, which the engine does as fast as memory is read. */
const block = 4096;

/** The one range in which two texts differ, where the edits between them are not known. */
export function changedRange(before: string, after: string): ChangedRange[] {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (
    from + block <= shorter &&
    before.slice(from, from + block) === after.slice(from, from + block)
  )
    from += block;
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from++;
  let tail = 0;
  while (
    tail + block <= shorter - from &&
    before.slice(before.length - tail - block, before.length - tail) ===
      after.slice(after.length - tail - block, after.length - tail)
  )
    tail += block;
  while (
    tail < shorter - from &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  if (from === before.length && from === after.length) return [];
  return [{ fromA: from, toA: before.length - tail, fromB: from, toB: after.length - tail }];
}
