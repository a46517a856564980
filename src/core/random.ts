/** Numbers in [0, 1), the same sequence for the same seed on every machine. */
export type Random = () => number;

/**
 * A seeded generator (mulberry32, by Tommy Ettinger, public domain): 32 bits of state, good for
 * shuffling and initial weights, not for secrets.
 * @param seed any number; its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A seed of its own for each part of a run, such as (seed, step): equal inputs give equal seeds,
 * near inputs unrelated ones. The result is a whole number in [1, 2³¹), since tfjs reads 0 as
 * "not seeded".
 */
export function deriveSeed(seed: number, ...parts: readonly number[]): number {
  let mixed = seed | 0;
  for (const part of [...parts, parts.length]) {
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) + (part | 0);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return ((mixed >>> 0) % (2 ** 31 - 1)) + 1;
}

/** Shuffles in place (Fisher-Yates): every order is equally likely. */
export function shuffle(items: Int32Array | Uint32Array, random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const swapped = items[last] ?? 0;
    items[last] = items[other] ?? 0;
    items[other] = swapped;
  }
}

/** The numbers 0..count-1 in a random order. */
export function permutation(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  shuffle(order, random);
  return order;
}
