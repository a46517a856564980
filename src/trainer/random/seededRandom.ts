/** What a seed is for: streams of one seed are independent of each other. */
export const streams = {
  model: 1,
  order: 2,
  step: 3,
  noiseOrder: 4,
  noiseStep: 5,
  start: 6,
} as const;

/**
 * Mixes numbers into one 32-bit seed, so that neighbouring seeds and steps give unrelated streams.
 * The mixing is that of MurmurHash3 (Austin Appleby, public domain).
 */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    let bits = Math.imul(part | 0, 0xcc9e2d51);
    bits = Math.imul((bits << 15) | (bits >>> 17), 0x1b873593);
    hash ^= bits;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Numbers in [0, 1), the same sequence for the same seed on every machine. */
export type Random = () => number;

/**
 * A seeded generator: Mulberry32 (Tommy Ettinger, public domain). Good for shuffling and initial
 * weights, not for secrets.
 * @param seed any number; its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seeded order of 0 … count − 1 (Fisher and Yates). */
export function permutation(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  const random = seededRandom(seed);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}

/**
 * Runs `action` with Math.random seeded: tfjs draws the seeds of dropout masks and of unseeded
 * initializers from it.
 */
export function withSeededRandom<T>(seed: number, action: () => T): T {
  const random = Math.random;
  Math.random = seededRandom(seed);
  try {
    return action();
  } finally {
    Math.random = random;
  }
}
