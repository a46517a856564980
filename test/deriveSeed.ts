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
