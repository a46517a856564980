import { setImmediate } from 'node:timers/promises';

/** A call that is being served, which may be asked to end early. */
export interface Turn {
  interrupted(): boolean;
}

/** Yields to the event loop, so that an interrupt is received. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}

/**
 * Serves calls one after the other: training two trials at once would distort the timings of
 * both. An interrupt ends the running call and those that wait already.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #taken = 0;
  #interruptedUpTo = 0;

  async take<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    const number = ++this.#taken;
    const turn = { interrupted: () => number <= this.#interruptedUpTo };
    const own = this.#last.then(() => work(turn));
    this.#last = own.catch(() => undefined);
    return own;
  }

  interrupt(): void {
    this.#interruptedUpTo = this.#taken;
  }
}
