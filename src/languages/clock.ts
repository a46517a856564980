/**
 * Milliseconds of one slice of work. 10 are allowed: collecting what a slice leaves behind, and the
 * compiler's threads on machines of few cores, take several more now and then.
 */
export const sliceMilliseconds = 3;
/** Pieces of work between two checks of the clock: a check costs about as much as a piece. */
const pieces = 4;

/** Characters of which a scan takes a fraction of a slice, even before it is compiled. */
const stretch = 5000;

/** Shows a scan through a long text when to yield. */
export class Stretches {
  #next = stretch;

  /** True once in every stretch of the text. */
  isDue(at: number): boolean {
    if (at < this.#next) return false;
    this.#next = at + stretch;
    return true;
  }
}

/** Runs a generator to its end, without giving way. */
export function finished<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** Makes something of each item; yields after each, as every pass over a whole file has to. */
export function* inTurn<T, U>(items: Iterable<T>, make: (item: T) => U): Generator<undefined, U[]> {
  const made: U[] = [];
  for (const item of items) {
    made.push(make(item));
    yield;
  }
  return made;
}

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
