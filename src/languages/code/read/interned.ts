const most = 50_000;
/** Strings up to this length are copies of their own; longer slices keep the text they are part of. */
const copied = 12;

/**
 * The names of a document, each held once. Chunks live on while the text is edited: with slices of
 * it, each would hold on to the whole text that it was read from.
 */
export class Interned {
  readonly #known = new Map<string, string>();

  get(slice: string): string {
    const name = this.#known.get(slice);
    if (name !== undefined) return name;
    if (this.#known.size >= most) this.#known.clear();
    // Joined from its parts it is a string of its own.
    const copy = slice.length > copied ? slice.split('').join('') : slice;
    this.#known.set(copy, copy);
    return copy;
  }
}
