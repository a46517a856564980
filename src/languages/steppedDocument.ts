import { Clock } from './clock';
import { readable } from './limits';
import type { DocumentParser } from './parsedDocument';
import { nothingFound, type Findings } from './site';

/** A document whose text is searched again after each edit, in steps that give way to other work. */
export class SteppedDocument implements DocumentParser {
  readonly #search: (text: string) => Generator<undefined, Findings>;
  readonly #clock = new Clock();
  #steps: Generator<undefined, Findings> | null = null;
  #found: Findings | null = null;

  /** @param search finds everything in a text; it yields between pieces of work */
  constructor(search: (text: string) => Generator<undefined, Findings>) {
    this.#search = search;
  }

  get findings(): Findings | null {
    return this.#found;
  }

  update(given: string): void {
    const text = readable(given);
    this.#found = text === null ? nothingFound : null;
    this.#steps = text === null ? null : this.#search(text);
  }

  work(milliseconds: number): boolean {
    this.#clock.start(milliseconds);
    while (this.#steps) {
      const next = this.#steps.next();
      if (next.done) {
        this.#steps = null;
        this.#found = next.value;
      } else if (this.#clock.isOver()) return false;
    }
    return this.#found !== null;
  }
}
