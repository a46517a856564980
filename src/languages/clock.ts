/**
 * Milliseconds of one slice of work. 10 are allowed: collecting what a slice leaves behind, and the
 * compiler's threads on machines of few cores, take several more now and then.
 */
export const sliceMilliseconds = 3;
/** Pieces of work between two checks of the clock: a check costs about as much as a piece. */
const pieces = 4;

/** Shows long work when its time slice is over, so that it can yield to other work. */
export class Clock {
  #end = Infinity;
  #count = 0;

  start(milliseconds: number): void {
    this.#end = performance.now() + milliseconds;
    this.#count = 0;
  }

  /** Asked after every small piece of work; true when the slice is over. */
  isDue(): boolean {
    return ++this.#count % pieces === 0 && this.isOver();
  }

  isOver(): boolean {
    return performance.now() >= this.#end;
  }

  get remaining(): number {
    return this.#end - performance.now();
  }
}
