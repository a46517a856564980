import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError, problem } from '../../core/text/problem';
import { RowFiller } from '../data/records/rowFiller';
import { fillSlot, slotState, type FillRequest, type ReaderData } from './rowChunks';
import { causeOf } from '../../core/text/errorText';

/** The reading thread: fills slots of shared memory with rows from disk, in the order asked for. */

const { sets, failures } = workerData as ReaderData;
const states = sets.map((set) => new Int32Array(set.states));
const fillers = new Map<number, RowFiller>();

function settle(set: number, slot: number, state: number): void {
  const own = states[set];
  if (!own) return;
  Atomics.store(own, slot, state);
  Atomics.notify(own, slot);
}

parentPort?.on('message', ({ set, slot, rows }: FillRequest) => {
  const shared = sets[set];
  if (!shared) return;
  try {
    const filler = fillers.get(set) ?? new RowFiller(shared.samples);
    fillers.set(set, filler);
    fillSlot(filler, shared, slot, rows);
    settle(set, slot, slotState.filled);
  } catch (error) {
    const cause = causeOf(error);
    const why =
      error instanceof ProblemError ? error.problem : problem('dataReaderDied', { cause });
    failures.postMessage(why);
    settle(set, slot, slotState.failed);
  }
});

// A thread that has ended must not leave its reader waiting.
process.on('exit', () => {
  states.forEach((own, set) => {
    own.forEach((_, slot) => {
      settle(set, slot, slotState.failed);
    });
  });
});
