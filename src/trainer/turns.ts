import { setImmediate } from 'node:timers/promises';

/** A call that is being served, which may be asked to end early. */
export interface Turn {
  interrupted(): boolean;
}

/** Lets messages in: an interrupt is heard only when the event loop turns. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}

/**
 * Lets calls have the device one after the other: training two trials at once would spoil both
 * their timings. An interrupt ends the one that runs and those that wait already.
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
