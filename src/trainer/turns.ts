import type { Turn } from './training/turn';

/**
 * Lets calls have the device one after the other: training two trials at once would spoil both
 * their timings. An interrupt ends the one that runs and those that wait already.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private taken = 0;
  private interruptedUpTo = 0;

  async take<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    const number = ++this.taken;
    const turn = { interrupted: () => number <= this.interruptedUpTo };
    const own = this.last.then(() => work(turn));
    this.last = own.catch(() => undefined);
    return own;
  }

  interrupt(): void {
    this.interruptedUpTo = this.taken;
  }
}
