import { factsOf } from './chunkFacts';
import type { Chunk } from '../read/syntax';

/**
 * How a program changed: the keys of chunks that came, went, or stand elsewhere among the others
 * (the order of bindings and calls counts), and the latter.
 */
export function* changesBetween(
  before: readonly Chunk[],
  after: readonly Chunk[],
): Generator<undefined, { keys: Set<string>; moved: Chunk[] }> {
  const keys = new Set<string>();
  const moved: Chunk[] = [];
  const add = (chunk: Chunk): void => {
    for (const key of factsOf(chunk).keys) keys.add(key);
  };
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let endBefore = before.length;
  let endAfter = after.length;
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const places = new Map<Chunk, number>();
  for (let i = start; i < endBefore; i++) {
    const chunk = before[i];
    if (chunk) places.set(chunk, i);
  }
  let last = -1;
  for (const chunk of after.slice(start, endAfter)) {
    yield;
    const place = places.get(chunk);
    if (place !== undefined && place > last) {
      last = place;
      places.delete(chunk);
    } else {
      add(chunk);
      moved.push(chunk);
    }
  }
  for (const chunk of places.keys()) {
    add(chunk);
    yield;
  }
  return { keys, moved };
}
