import type { Program } from './program';
import type { Chunk } from '../read/syntax';

interface Entry<T> {
  readonly given: readonly unknown[];
  readonly value: T;
  readonly reads: ReadonlySet<string>;
  /** The state of the program for which it was last known to hold. */
  state: number;
}

/** What was found out about each chunk, kept until something it was read from changes. */
export class ChunkMemo<T> {
  readonly #entries = new WeakMap<Chunk, Entry<T>>();

  /**
   * @param program notes what `find` reads of other chunks
   * @param given what else the result depends on: the same values, or it is recomputed
   */
  get(
    chunk: Chunk,
    program: Program,
    changes: Changes,
    given: readonly unknown[],
    find: () => T,
  ): T {
    const known = this.#entries.get(chunk);
    if (known && areSame(known.given, given) && !changes.touch(known.reads, known.state)) {
      known.state = changes.state;
      return known.value;
    }
    const { value, reads } = program.lookAt(find);
    this.#entries.set(chunk, { given, value, reads, state: changes.state });
    return value;
  }

  forget(chunk: Chunk): void {
    this.#entries.delete(chunk);
  }
}

/** How many past changes are remembered; results older than these are recomputed. */
const remembered = 200;

/** Which keys changed from one state of a program to the next. */
export class Changes {
  state = 0;
  readonly #history: ReadonlySet<string>[] = [];

  /** The program changed under these keys. */
  add(keys: ReadonlySet<string>): void {
    this.state++;
    this.#history.push(keys);
    if (this.#history.length > remembered) this.#history.shift();
  }

  /** Whether one of the keys changed since a state. */
  touch(reads: ReadonlySet<string>, since: number): boolean {
    const missed = this.state - since;
    if (missed > this.#history.length) return true;
    for (let i = this.#history.length - missed; i < this.#history.length; i++) {
      const changed = this.#history[i];
      if (changed && meet(changed, reads)) return true;
    }
    return false;
  }
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((value, index) => value === b[index]);
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const key of few) if (many.has(key)) return true;
  return false;
}
