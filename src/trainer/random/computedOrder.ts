import { mixSeed } from './seededRandom';

const rounds = 8;

/**
 * A seeded order of 0 … count − 1 whose every place is computed when it is asked for, so that an
 * order of a billion samples takes no memory: an alternating Feistel network over a rectangle of at
 * least `count` fields, walked on while it leads outside (Black and Rogaway 2002, "Ciphers with
 * arbitrary finite domains", https://doi.org/10.1007/3-540-45760-7_9).
 */
export class ComputedOrder {
  readonly #rows: number;
  readonly #columns: number;
  readonly #keys: Int32Array;

  /** @param count at most 2³¹ − 1 */
  constructor(
    readonly count: number,
    seed: number,
  ) {
    this.#columns = Math.max(1, Math.ceil(Math.sqrt(count)));
    this.#rows = Math.max(1, Math.ceil(count / this.#columns));
    this.#keys = Int32Array.from({ length: rounds }, (_, round) => mixSeed(seed, round));
  }

  /** What stands at a place of the order. */
  at(place: number): number {
    let value = place;
    do value = this.#forward(value);
    while (value >= this.count);
    return value;
  }

  /** The place at which a number stands. */
  placeOf(value: number): number {
    let place = value;
    do place = this.#backward(place);
    while (place >= this.count);
    return place;
  }

  #forward(value: number): number {
    const rows = this.#rows;
    const columns = this.#columns;
    const keys = this.#keys;
    let row = Math.floor(value / columns);
    let column = value % columns;
    for (let round = 0; round < rounds; round += 2) {
      row = (row + scramble(column, keys[round] ?? 0)) % rows;
      column = (column + scramble(row, keys[round + 1] ?? 0)) % columns;
    }
    return row * columns + column;
  }

  #backward(value: number): number {
    const rows = this.#rows;
    const columns = this.#columns;
    const keys = this.#keys;
    let row = Math.floor(value / columns);
    let column = value % columns;
    for (let round = rounds - 2; round >= 0; round -= 2) {
      column = below(column - (scramble(row, keys[round + 1] ?? 0) % columns), columns);
      row = below(row - (scramble(column, keys[round] ?? 0) % rows), rows);
    }
    return row * columns + column;
  }
}

function below(value: number, size: number): number {
  return value < 0 ? value + size : value;
}

/** MurmurHash3's finalizer (Austin Appleby, public domain) over a keyed number. */
function scramble(value: number, key: number): number {
  let bits = Math.imul(value, 0x9e3779b1) ^ key;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
