/** Records the keys under which the search of one chunk reads what other chunks give. */
export class Reads {
  #noted = new Set<string>();

  note(key: string): void {
    this.#noted.add(key);
  }

  during<T>(look: () => T): { readonly value: T; readonly reads: ReadonlySet<string> } {
    const before = this.#noted;
    const reads = new Set<string>();
    this.#noted = reads;
    try {
      return { value: look(), reads };
    } finally {
      this.#noted = before;
    }
  }
}
