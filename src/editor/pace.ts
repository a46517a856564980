import { sliceMilliseconds } from '../languages/clock';

/** Gives way to whatever else the extension host has to do. */
export const giveWay = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Cuts a loop over many things into slices, between which other work gets its turn. */
export class Pace {
  #end = performance.now() + sliceMilliseconds;

  /** Asked before each thing: waits where the slice is over. */
  async next(): Promise<void> {
    if (performance.now() < this.#end) return;
    await giveWay();
    this.#end = performance.now() + sliceMilliseconds;
  }
}
