import { factsOf, type ChunkFacts } from './chunkFacts';
import type { Chunk } from '../read/syntax';

/**
 * Which chunks of a program give or take something under a key. An edit only changes the entries of the
 * chunks that came or went.
 */
export class ChunkIndex {
  readonly #chunksOf = new Map<string, Chunk[]>();
  readonly #indexed = new Set<Chunk>();
  #places: ReadonlyMap<Chunk, number> = new Map();
  readonly #tables: { forget(keys: ReadonlySet<string>): void }[] = [];

  /**
   * A table of what the chunks give, in their order.
   * @param of what a chunk gives under a name
   * @param keyOf the key that stands for a name among the keys of the chunks
   */
  table<T>(
    of: (facts: ChunkFacts, name: string) => readonly T[] | undefined,
    keyOf: (name: string) => string = (name) => name,
  ): ChunkTable<T> {
    return this.derived(
      (name) => this.giversOf(keyOf(name)).flatMap((chunk) => of(factsOf(chunk), name) ?? []),
      keyOf,
    );
  }

  /** A table of what is put together from the chunks that stand under one key. */
  derived<T>(
    gather: (name: string) => readonly T[],
    keyOf: (name: string) => string,
  ): ChunkTable<T> {
    const table = new ChunkTable(gather, keyOf);
    this.#tables.push(table);
    return table;
  }

  /**
   * Takes the chunks as they are now, in order. When it is not run to its end, the next call catches up.
   * @param changed the keys of all chunks that came, went or moved since the last call
   */
  *update(chunks: readonly Chunk[], changed: ReadonlySet<string>): Generator<undefined> {
    for (const table of this.#tables) table.forget(changed);
    this.#places = new Map(chunks.map((chunk, place) => [chunk, place]));
    for (const chunk of this.#indexed) {
      if (this.#places.has(chunk)) continue;
      this.#remove(chunk);
      yield;
    }
    for (const chunk of chunks) {
      if (this.#indexed.has(chunk)) continue;
      this.#add(chunk);
      yield;
    }
  }

  #add(chunk: Chunk): void {
    for (const key of factsOf(chunk).keys) {
      const list = this.#chunksOf.get(key);
      if (list) list.push(chunk);
      else this.#chunksOf.set(key, [chunk]);
    }
    this.#indexed.add(chunk);
  }

  #remove(chunk: Chunk): void {
    for (const key of factsOf(chunk).keys) {
      const list = this.#chunksOf.get(key);
      if (!list) continue;
      if (list.length === 1) this.#chunksOf.delete(key);
      else list.splice(list.indexOf(chunk), 1);
    }
    this.#indexed.delete(chunk);
  }

  /** The chunks that give or take something under a key, in order. */
  giversOf(key: string): readonly Chunk[] {
    const place = (chunk: Chunk): number => this.#places.get(chunk) ?? 0;
    return (this.#chunksOf.get(key) ?? []).sort((a, b) => place(a) - place(b));
  }
}

/** Lists by name, each put together when it is first asked for. */
class ChunkTable<T> {
  readonly #lists = new Map<string, readonly T[]>();

  constructor(
    readonly gather: (name: string) => readonly T[],
    readonly keyOf: (name: string) => string,
  ) {}

  /** Undefined where no chunk gives anything under the name. */
  get(name: string): readonly T[] | undefined {
    const key = this.keyOf(name);
    let list = this.#lists.get(key);
    if (!list) this.#lists.set(key, (list = this.gather(name)));
    return list.length > 0 ? list : undefined;
  }

  forget(keys: ReadonlySet<string>): void {
    if (keys.size < this.#lists.size) for (const key of keys) this.#lists.delete(key);
    else for (const key of this.#lists.keys()) if (keys.has(key)) this.#lists.delete(key);
  }
}
