import { existsSync } from 'node:fs';
import {
  MessageChannel,
  Worker,
  receiveMessageOnPort,
  type MessagePort,
} from 'node:worker_threads';
import { ProblemError, problem, type Problem } from '../../core/text/problem';
import type { StreamedSamples } from '../data/records/streamedDataset';
import { RowFiller } from '../data/records/rowFiller';

/** What the reading thread is started with; memory is shared with it. */
export interface ReaderData {
  readonly sets: readonly SharedSlots[];
  /** Says why a slot could not be filled. */
  readonly failures: MessagePort;
}

/** Slots of rows of one set of samples, in shared memory. */
export interface SharedSlots {
  readonly samples: StreamedSamples;
  readonly rowsPerSlot: number;
  readonly features: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
  /** A state for each slot. */
  readonly states: SharedArrayBuffer;
}

/** What the reading thread is asked for. */
export interface FillRequest {
  readonly set: number;
  readonly slot: number;
  readonly rows: Int32Array;
}

export const slotState = { empty: 0, wanted: 1, filled: 2, failed: 3 } as const;

/** One is read from while the others are being filled. */
export const slots = 3;
/** What the rows of a slot take. */
const slotBytes = 2 ** 21;
const mostRows = 2 ** 17;

/** The features and labels of slot `slot`, as views of memory that is shared. */
export function slotViews({ samples, rowsPerSlot, features, labels }: SharedSlots, slot: number) {
  const view = (buffer: SharedArrayBuffer, width: number) =>
    new Float32Array(buffer, 4 * slot * rowsPerSlot * width, rowsPerSlot * width);
  return {
    features: view(features, samples.features.width),
    labels: view(labels, samples.labels.width),
  };
}

export function shareSlots(samples: StreamedSamples): SharedSlots {
  const widths = samples.features.width + samples.labels.width;
  const rowsPerSlot = Math.max(1, Math.min(mostRows, Math.floor(slotBytes / (4 * widths))));
  const shared = (width: number) => new SharedArrayBuffer(4 * slots * rowsPerSlot * width);
  return {
    samples,
    rowsPerSlot,
    features: shared(samples.features.width),
    labels: shared(samples.labels.width),
    states: new SharedArrayBuffer(4 * slots),
  };
}

/** Fills slots with rows from disk while the caller does something else. */
export interface RowReader {
  /** Begins to fill a slot; it must not be wanted already. */
  fill(request: FillRequest): void;
  /** Blocks until a slot is filled. @throws ProblemError when it cannot be */
  wait(set: number, slot: number): void;
}

/** Starts a thread that reads; without its file (code that is not bundled) reading blocks. */
export function startReader(sets: readonly SharedSlots[], threadFile: string): RowReader {
  return existsSync(threadFile) ? new ThreadReader(sets, threadFile) : new BlockingReader(sets);
}

/** Longest sleep between two looks at a slot: a wake-up is never missed for good. */
const lookEveryMs = 1000;

class ThreadReader implements RowReader {
  readonly #worker: Worker;
  readonly #failures: MessagePort;
  readonly #states: readonly Int32Array[];

  constructor(sets: readonly SharedSlots[], file: string) {
    const { port1, port2 } = new MessageChannel();
    const workerData: ReaderData = { sets, failures: port2 };
    this.#worker = new Worker(file, { workerData, transferList: [port2] });
    // Errors are reported through the states and `failures`.
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
    port1.unref();
    this.#failures = port1;
    this.#states = sets.map(({ states }) => new Int32Array(states));
  }

  fill(request: FillRequest): void {
    const states = this.#statesOf(request.set);
    if (Atomics.load(states, request.slot) === slotState.failed) this.#refuse();
    Atomics.store(states, request.slot, slotState.wanted);
    this.#worker.postMessage(request);
  }

  wait(set: number, slot: number): void {
    const states = this.#statesOf(set);
    while (Atomics.load(states, slot) === slotState.wanted) {
      // The reading thread fills it; the training thread has nothing to do until then.
      Atomics.wait(states, slot, slotState.wanted, lookEveryMs);
    }
    if (Atomics.load(states, slot) === slotState.failed) this.#refuse();
  }

  #statesOf(set: number): Int32Array {
    const states = this.#states[set];
    if (!states) throw new RangeError(`There is no set ${set}.`);
    return states;
  }

  #refuse(): never {
    const received = receiveMessageOnPort(this.#failures) as { message: Problem } | undefined;
    throw new ProblemError(received?.message ?? problem('dataReaderDied', { cause: 'causeEnded' }));
  }
}

class BlockingReader implements RowReader {
  readonly #sets: readonly SharedSlots[];
  readonly #fillers = new Map<number, RowFiller>();

  constructor(sets: readonly SharedSlots[]) {
    this.#sets = sets;
  }

  fill({ set, slot, rows }: FillRequest): void {
    const shared = this.#sets[set];
    if (!shared) throw new RangeError(`There is no set ${set}.`);
    const filler = this.#fillers.get(set) ?? new RowFiller(shared.samples);
    this.#fillers.set(set, filler);
    fillSlot(filler, shared, slot, rows);
  }

  wait(): void {
    // It was filled when it was asked for.
  }
}

export function fillSlot(filler: RowFiller, shared: SharedSlots, slot: number, rows: Int32Array) {
  const { features, labels } = slotViews(shared, slot);
  const { samples } = shared;
  filler.fill(
    rows,
    features.subarray(0, rows.length * samples.features.width),
    labels.subarray(0, rows.length * samples.labels.width),
  );
}
