/** The names that what stands in a function, a class, or outside all of them (the empty name) uses. */
export type Uses = ReadonlyMap<string, ReadonlySet<string>>;

/** Which functions and classes of a program use which others, however it was read. */
export class ProgramUses {
  readonly #parts: readonly Uses[];

  constructor(parts: readonly Uses[]) {
    this.#parts = parts;
  }

  /** Where something is used. */
  homes(): string[] {
    return this.#parts.flatMap((part) => [...part.keys()]);
  }

  /** What is used in these, and in what they use. */
  reach(starts: readonly string[]): ReadonlySet<string> {
    const reached = new Set(starts);
    for (const home of reached)
      for (const part of this.#parts) for (const name of part.get(home) ?? []) reached.add(name);
    return reached;
  }
}
