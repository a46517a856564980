import { ComputedOrder } from '../random/computedOrder';
import { mixSeed, permutation, streams } from '../random/seededRandom';

/** An order that can be looked ahead in, for what reads samples before they are needed. */
export interface UpcomingOrder {
  /** Samples given out so far, over all epochs. */
  readonly taken: number;
  /**
   * Up to so many indices from a position on, counted as `taken` is: fewer at the end of an epoch,
   * none where the order ends.
   */
  ahead(position: number, count: number): Int32Array;
}

/** The order of one epoch. */
interface EpochOrder {
  slice(start: number, end: number): Int32Array;
}

/**
 * Which samples come next: every sample once an epoch, in an order of the seed and the epoch alone,
 * so that trials of one seed see the same order at every batch size.
 */
export class DataOrder implements UpcomingOrder {
  readonly #samples: number;
  readonly #seed: number;
  readonly #stream: number;
  readonly #computed: boolean;
  readonly #orders = new Map<number, EpochOrder>();
  #position = 0;
  #finished = 0;

  /** @param computed takes no memory: for more samples than a list should hold; another order */
  constructor(samples: number, seed: number, stream: number = streams.order, computed = false) {
    this.#samples = samples;
    this.#seed = seed;
    this.#stream = stream;
    this.#computed = computed;
    this.#orderOf(0);
  }

  /** Epochs completed. */
  get epochs(): number {
    return this.#finished;
  }

  /** Epochs so far, with the fraction of the present one. */
  get epoch(): number {
    return this.#finished + this.#position / this.#samples;
  }

  /** Samples left in the present epoch; never 0. */
  get left(): number {
    return this.#samples - this.#position;
  }

  get taken(): number {
    return this.#finished * this.#samples + this.#position;
  }

  /** The indices of the next batch: fewer than asked for at the end of an epoch. */
  next(batchSize: number): Int32Array {
    const batch = this.ahead(this.taken, batchSize);
    this.#position += batch.length;
    if (this.#position === this.#samples) {
      this.#orders.delete(this.#finished);
      this.#finished++;
      this.#position = 0;
      this.#orderOf(this.#finished);
    }
    return batch;
  }

  ahead(position: number, count: number): Int32Array {
    const epoch = Math.floor(position / this.#samples);
    const start = position - epoch * this.#samples;
    return this.#orderOf(epoch).slice(start, Math.min(this.#samples, start + count));
  }

  #orderOf(epoch: number): EpochOrder {
    const known = this.#orders.get(epoch);
    if (known) return known;
    const seed = mixSeed(this.#seed, this.#stream, epoch);
    const order = this.#computed
      ? computedOrder(this.#samples, seed)
      : listedOrder(permutation(this.#samples, seed));
    this.#orders.set(epoch, order);
    return order;
  }
}

function listedOrder(list: Int32Array): EpochOrder {
  return { slice: (start, end) => list.subarray(start, end) };
}

function computedOrder(samples: number, seed: number): EpochOrder {
  const order = new ComputedOrder(samples, seed);
  return {
    slice: (start, end) =>
      Int32Array.from({ length: end - start }, (_, index) => order.at(start + index)),
  };
}

/** The first so many samples in their own order, once. */
export class InOrder implements UpcomingOrder {
  readonly #count: number;
  taken = 0;

  constructor(count: number) {
    this.#count = count;
  }

  next(batchSize: number): Int32Array {
    const batch = this.ahead(this.taken, batchSize);
    this.taken += batch.length;
    return batch;
  }

  ahead(position: number, count: number): Int32Array {
    const length = Math.max(0, Math.min(count, this.#count - position));
    return Int32Array.from({ length }, (_, index) => position + index);
  }
}

/**
 * Some of the samples, drawn by a seed: what comes first in a file need not look like the rest of
 * it, as where the file is sorted by its labels.
 */
export class SampleOrder implements UpcomingOrder {
  readonly #count: number;
  taken = 0;
  readonly #order: DataOrder;

  constructor(samples: number, count: number, seed: number, computed: boolean) {
    this.#count = count;
    this.#order = new DataOrder(samples, seed, streams.start, computed);
  }

  next(batchSize: number): Int32Array {
    const batch = this.ahead(this.taken, batchSize);
    this.taken += batch.length;
    return batch;
  }

  ahead(position: number, count: number): Int32Array {
    return this.#order.ahead(position, Math.max(0, Math.min(count, this.#count - position)));
  }
}
