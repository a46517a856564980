import { getBackend, tensor } from '@tensorflow/tfjs-core';
import { mostListed, rowMap, type RowMap } from '../data/records/rowMap';
import type { UpcomingOrder } from '../training/dataOrder';
import type { Batch, TrainingSamples } from '../training/deviceData';
import { slotViews, slots, type RowReader, type SharedSlots } from './rowChunks';

/** Rows that were asked for in advance. */
interface Chunk {
  readonly slot: number;
  /** The samples in it, in the order in which they are needed. */
  readonly samples: Int32Array;
  used: number;
}

/** After a jump in the order the first chunk is this much smaller, to be ready sooner. */
const firstShare = 1 / 8;

/**
 * Samples that stay on disk: batches are copied from chunks that a thread reads in advance, in the
 * order that is being followed. Only a batch at a time is on the device.
 */
export class StreamedOnDevice implements TrainingSamples {
  readonly #shared: SharedSlots;
  readonly #reader: RowReader;
  readonly #set: number;
  readonly #sampleShape: readonly number[];
  readonly #labelShape: readonly number[];
  readonly count: number;
  readonly ordersAreComputed: boolean;
  readonly #map: RowMap;
  readonly #views: readonly ReturnType<typeof slotViews>[];
  readonly #copiesOnWrite = getBackend() === 'wasm';
  #chunks: Chunk[] = [];
  #order: UpcomingOrder | null = null;
  /** Where the next chunk begins in the order. */
  #next = 0;
  #rowsAhead = 1;
  #staged = { features: new Float32Array(0), labels: new Float32Array(0) };

  /** @param set of these samples in the reader */
  constructor(
    shared: SharedSlots,
    reader: RowReader,
    set: number,
    sampleShape: readonly number[],
    labelShape: readonly number[],
  ) {
    this.#shared = shared;
    this.#reader = reader;
    this.#set = set;
    this.#sampleShape = sampleShape;
    this.#labelShape = labelShape;
    this.count = shared.samples.count;
    this.ordersAreComputed = this.count > mostListed;
    this.#map = rowMap(shared.samples.rows, this.count);
    this.#views = Array.from({ length: slots }, (_, slot) => slotViews(shared, slot));
  }

  /** Returns once the first samples are there: reading them is not part of a step. */
  follow(order: UpcomingOrder): void {
    const isThere = order === this.#order && this.#startOf(this.#chunks[0]) === order.taken;
    if (!isThere) {
      this.#chunks = [];
      this.#order = order;
      this.#next = order.taken;
      this.#rowsAhead = Math.ceil(this.#shared.rowsPerSlot * firstShare);
      this.#readAhead();
    }
    const [first] = this.#chunks;
    if (first) this.#reader.wait(this.#set, first.slot);
  }

  batch(indices: Int32Array): Batch {
    const { features, labels } = this.#shared.samples;
    const staged = {
      features: this.#stage('features', indices.length * features.width),
      labels: this.#stage('labels', indices.length * labels.width),
    };
    for (let done = 0; done < indices.length;) {
      const chunk = this.#chunkWith(indices[done] ?? 0);
      let end = done;
      let from = chunk.used;
      while (end < indices.length && chunk.samples[from] === indices[end]) {
        end++;
        from++;
      }
      const view = this.#views[chunk.slot];
      if (!view) throw new RangeError(`There is no slot ${chunk.slot}.`);
      copyRows(view.features, chunk.used, from, features.width, staged.features, done);
      copyRows(view.labels, chunk.used, from, labels.width, staged.labels, done);
      chunk.used = from;
      done = end;
      if (from === chunk.samples.length) {
        this.#chunks.shift();
        this.#readAhead();
      }
    }
    const { length } = indices;
    return {
      features: tensor(staged.features, [length, ...this.#sampleShape], 'float32'),
      labels: tensor(staged.labels, [length, ...this.#labelShape], 'float32'),
    };
  }

  dispose(): void {
    this.#chunks = [];
    this.#order = null;
  }

  /** The first chunk, at this sample: what lies before it in the order was passed over. */
  #chunkWith(sample: number): Chunk {
    for (let [chunk] = this.#chunks; chunk; [chunk] = this.#chunks) {
      const at = chunk.samples.indexOf(sample, chunk.used);
      if (at >= 0) {
        chunk.used = at;
        this.#reader.wait(this.#set, chunk.slot);
        return chunk;
      }
      this.#chunks.shift();
      this.#readAhead();
    }
    throw new Error(`Sample ${sample} is not ahead in the order that is followed.`);
  }

  /** Where what is left of a chunk begins in the order. */
  #startOf(first: Chunk | undefined): number {
    const ahead = this.#chunks.reduce((all, { samples, used }) => all + samples.length - used, 0);
    return first ? this.#next - ahead : this.#next;
  }

  #readAhead(): void {
    while (this.#order && this.#chunks.length < slots) {
      const samples = this.#order.ahead(this.#next, this.#rowsAhead);
      if (samples.length === 0) return;
      const slot = this.#freeSlot();
      // It may still be filled with what an earlier order asked for.
      this.#reader.wait(this.#set, slot);
      const rows = samples.map((sample) => this.#map.rowOf(sample));
      this.#reader.fill({ set: this.#set, slot, rows });
      this.#chunks.push({ slot, samples, used: 0 });
      this.#next += samples.length;
      this.#rowsAhead = Math.min(this.#shared.rowsPerSlot, 2 * this.#rowsAhead);
    }
  }

  #freeSlot(): number {
    const taken = new Set(this.#chunks.map(({ slot }) => slot));
    return [...Array(slots).keys()].find((slot) => !taken.has(slot)) ?? 0;
  }

  /** Memory for a batch: used again where the backend copies what it is given, else fresh. */
  #stage(part: 'features' | 'labels', length: number): Float32Array {
    if (!this.#copiesOnWrite) return new Float32Array(length);
    if (this.#staged[part].length < length) this.#staged[part] = new Float32Array(length);
    return this.#staged[part].subarray(0, length);
  }
}

function copyRows(
  from: Float32Array,
  first: number,
  end: number,
  width: number,
  into: Float32Array,
  at: number,
): void {
  into.set(from.subarray(first * width, end * width), at * width);
}
