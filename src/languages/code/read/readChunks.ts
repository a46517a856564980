import type { Tree, TreeCursor } from '@lezer/common';
import type { Clock } from '../../clock';
import type { Made } from '../../parsedDocument';
import { Interned } from './interned';
import { enterBody, hasMistake, leave, longBodiesIn } from './longBodies';
import type { LongBodies, Reader } from './reader';
import { SharedScope, emptyChunk, type Chunk, type Scope } from './syntax';
import { TextHash } from './textHash';

/** How a language is read in chunks. */
export interface ChunkedLanguage {
  newReader(text: string, clock: Clock, interned: Interned): Reader;
  /** The node names of bodies that are read by themselves when they are long. */
  readonly bodies: ReadonlySet<string>;
}

/** Lengths, in characters, by which a text is cut into chunks. */
export interface ChunkSizes {
  /** Bodies from this length are read by themselves. */
  readonly longBody: number;
  /** Short statements are read together until they have this length, */
  readonly least: number;
  /** and never beyond this one. */
  readonly most: number;
}

const usualSizes: ChunkSizes = { longBody: 4000, least: 400, most: 2000 };

/** Statements that are read as one chunk. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly statements: number;
  readonly type: number;
  /** Whether it is one statement that may hold long bodies. */
  readonly long: boolean;
}

interface KnownChunk {
  readonly chunk: Chunk;
  readonly scope: SharedScope;
  readonly group: Group;
  readonly hash: number;
  /** The read that used it last: a text that stands twice needs two. */
  usedBy: number;
}

/**
 * Reads a program's statements in chunks. A chunk whose text did not change is the same object as
 * before, wherever edits elsewhere moved it: texts, not tree nodes, are compared, because parsers
 * keep small nodes in buffers that are rebuilt. Where the parser found a mistake the same text can
 * mean something else after the next edit, and is read again.
 */
export class ChunkReader {
  readonly #language: ChunkedLanguage;
  readonly #module: SharedScope;
  readonly #sizes: ChunkSizes;
  readonly #interned = new Interned();
  #known = new Map<number, KnownChunk[]>();
  /** The text that was last read to its end, and its chunks by where they started. */
  #before: { readonly text: string; readonly chunks: ReadonlyMap<number, KnownChunk> } = {
    text: '',
    chunks: new Map(),
  };
  /** The shared scopes of statements with long bodies, by what stands around the bodies. */
  #scopes = new Map<number, (readonly SharedScope[])[]>();
  readonly #usedScopes = new Set<SharedScope>();
  #reads = 0;

  constructor(language: ChunkedLanguage, module: SharedScope, sizes: ChunkSizes = usualSizes) {
    this.#language = language;
    this.#module = module;
    this.#sizes = sizes;
  }

  /** @returns the chunks in document order, each followed by those of its long bodies */
  *read(
    text: string,
    tree: Tree,
    cell: number,
    clock: Clock,
  ): Generator<undefined, Made<readonly Chunk[]>> {
    this.#reads++;
    this.#usedScopes.clear();
    const pass = new Pass(text, cell, clock, this.#language.newReader(text, clock, this.#interned));
    yield* this.#readInside(tree.cursor(), this.#module, pass);
    this.#known = new Map();
    for (const known of pass.kept) push(this.#known, known.hash, known);
    const chunks = new Map(pass.kept.map((known) => [known.chunk.base, known]));
    this.#before = { text, chunks };
    this.#scopes = pass.scopes;
    return { value: pass.chunks, clean: !pass.mistaken };
  }

  /** Reads the statements inside the node under the cursor, which ends where it started. */
  *#readInside(cursor: TreeCursor, scope: SharedScope, pass: Pass): Generator<undefined> {
    const groups = this.#groupsIn(cursor, pass);
    if (!cursor.firstChild()) return;
    for (const group of groups) {
      // Empty nodes are syntax errors: they stand for what the parser missed.
      while (cursor.to <= group.from && cursor.nextSibling());
      if (group.long) yield* this.#readLong(cursor, group, scope, pass);
      else yield* this.#readGroup(cursor, group, scope, pass);
      if (pass.clock.isDue()) yield;
    }
    cursor.parent();
  }

  /** The statements inside the node under the cursor, short ones together. */
  #groupsIn(cursor: TreeCursor, pass: Pass): Group[] {
    const { longBody, least, most } = this.#sizes;
    const groups: Group[] = [];
    let open = null as (Group & { to: number; statements: number }) | null;
    if (!cursor.firstChild()) return groups;
    do {
      const { from, to } = cursor;
      if (from === to) {
        pass.mistaken ||= cursor.type.isError;
        continue;
      }
      const length = to - from;
      if (length >= longBody) {
        if (open) groups.push(open);
        groups.push({ from, to, statements: 1, type: cursor.type.id, long: true });
        open = null;
        continue;
      }
      open ??= { from, to, statements: 0, type: cursor.type.id, long: false };
      open.to = to;
      open.statements++;
      // Cut by what stands there and not by counting: an edit moves only the cuts around it.
      const whole = to - open.from;
      if (whole >= most || (whole >= least && length % 3 !== 0)) {
        groups.push(open);
        open = null;
      }
    } while (cursor.nextSibling());
    cursor.parent();
    if (open) groups.push(open);
    return groups;
  }

  *#readGroup(
    cursor: TreeCursor,
    group: Group,
    scope: SharedScope,
    pass: Pass,
  ): Generator<undefined> {
    const standing = this.#takeInPlace(group, scope, pass.text);
    if (standing) {
      pass.keep(standing);
      return;
    }
    const hash = new TextHash().text(pass.text, group.from, group.to).value;
    const known = this.#take(hash, group, scope);
    if (known) {
      pass.keep(known);
      return;
    }
    const chunk = emptyChunk(group.from, pass.cell);
    let mistaken = false;
    for (let count = 0; count < group.statements;) {
      if (cursor.from !== cursor.to) {
        mistaken ||= hasMistake(cursor, none);
        yield* pass.reader.read(cursor, chunk, scope, none, sharedAlready);
        count++;
      }
      if (count < group.statements && !cursor.nextSibling()) break;
    }
    pass.mistaken ||= mistaken;
    this.#learn({ chunk, scope, group, hash, usedBy: this.#reads }, mistaken, pass);
  }

  /** A long statement: what stands around its long bodies is one chunk, each body several more. */
  *#readLong(
    cursor: TreeCursor,
    group: Group,
    scope: SharedScope,
    pass: Pass,
  ): Generator<undefined> {
    const bodies = longBodiesIn(cursor, this.#language.bodies, this.#sizes.longBody);
    const around = new TextHash();
    const places = new TextHash();
    let at = group.from;
    for (const [from, to] of bodies) {
      around.text(pass.text, at, from).number(1);
      places.number(from - group.from).number(to - from);
      at = to;
    }
    const signature = around.text(pass.text, at, group.to).number(scope.id).value;
    const hash = places.number(signature % 2 ** 31).number(signature / 2 ** 31).value;
    const known = this.#take(hash, group, scope);
    let chunk: Chunk;
    if (known) {
      ({ chunk } = known);
      pass.keep(known);
      push(pass.scopes, signature, sharedBy(chunk));
    } else {
      chunk = emptyChunk(group.from, pass.cell);
      const share = this.#sharing(signature);
      const mistaken = hasMistake(cursor, bodies);
      yield* pass.reader.read(cursor, chunk, scope, bodies, share);
      noteOpen(chunk);
      push(pass.scopes, signature, sharedBy(chunk));
      const whole = chunk.bodies.length === bodies.size;
      pass.mistaken ||= mistaken;
      this.#learn({ chunk, scope, group, hash, usedBy: this.#reads }, mistaken || !whole, pass);
    }
    for (const body of chunk.bodies) {
      const [from, to] = [chunk.base + body.from, chunk.base + body.to];
      const depth = enterBody(cursor, this.#language.bodies, from, to);
      if (depth === null) continue;
      yield* this.#readInside(cursor, body.scope, pass);
      leave(cursor, depth);
    }
  }

  /**
   * The chunk that stood where a group stands before or behind all that was edited. To compare the text
   * with the one before takes a fraction of the time that a hash takes.
   */
  #takeInPlace(group: Group, scope: SharedScope, text: string): KnownChunk | null {
    const { text: before, chunks } = this.#before;
    for (const shift of [0, text.length - before.length]) {
      const [from, to] = [group.from - shift, group.to - shift];
      const known = chunks.get(from);
      if (!known || !this.#mayTake(known, group, scope)) continue;
      if (before.slice(from, to) === text.slice(group.from, group.to))
        return this.#use(known, group);
    }
    return null;
  }

  /** A chunk of the same text, wherever it stood. */
  #take(hash: number, group: Group, scope: SharedScope): KnownChunk | null {
    const found = this.#known.get(hash)?.find((known) => this.#mayTake(known, group, scope));
    return found ? this.#use(found, group) : null;
  }

  /** Whether a chunk was read as such a group in the same scope, and this read has not used it yet. */
  #mayTake(known: KnownChunk, group: Group, scope: SharedScope): boolean {
    const { statements, type, from, to } = known.group;
    return (
      known.usedBy !== this.#reads &&
      known.scope === scope &&
      statements === group.statements &&
      type === group.type &&
      to - from === group.to - group.from &&
      !sharedBy(known.chunk).some((shared) => this.#usedScopes.has(shared))
    );
  }

  #use(known: KnownChunk, group: Group): KnownChunk {
    for (const { scope: shared, own } of known.chunk.bodies) {
      if (!own) continue;
      shared.standFor(own);
      this.#usedScopes.add(shared);
    }
    known.usedBy = this.#reads;
    known.chunk.base = group.from;
    return known;
  }

  /** @param passing whether it may be read otherwise next time */
  #learn(known: KnownChunk, passing: boolean, pass: Pass): void {
    pass.chunks.push(known.chunk);
    if (passing) return;
    pass.kept.push(known);
    // Kept at once, so that a read that an edit interrupts keeps its results.
    push(this.#known, known.hash, known);
  }

  /** Gives the long bodies of a statement that is read again the scopes they had before. */
  #sharing(signature: number): (scope: Scope) => SharedScope {
    const free = this.#scopes
      .get(signature)
      ?.find((scopes) => !scopes.some((scope) => this.#usedScopes.has(scope)));
    let next = 0;
    return (scope) => {
      if (scope.shared) return scope.shared;
      const before = free?.[next++];
      before?.standFor(scope);
      const shared = before ?? new SharedScope(scope);
      this.#usedScopes.add(shared);
      return shared;
    };
  }
}

const none: LongBodies = new Map();
const sharedAlready = (scope: Scope): SharedScope => scope.shared ?? new SharedScope(scope);

/** One read of one text. */
class Pass {
  readonly chunks: Chunk[] = [];
  readonly kept: KnownChunk[] = [];
  readonly scopes = new Map<number, (readonly SharedScope[])[]>();
  mistaken = false;

  constructor(
    readonly text: string,
    readonly cell: number,
    readonly clock: Clock,
    readonly reader: Reader,
  ) {}

  keep(known: KnownChunk): void {
    known.chunk.cell = this.cell;
    this.kept.push(known);
    this.chunks.push(known.chunk);
  }
}

const noScopes: readonly SharedScope[] = [];

/** The scopes that a chunk's long bodies brought in, in order. */
function sharedBy({ bodies }: Chunk): readonly SharedScope[] {
  if (bodies.length === 0) return noScopes;
  return [...new Set(bodies.filter(({ own }) => own !== null).map(({ scope }) => scope))];
}

/** Records on a chunk's classes and functions the scopes in which other chunks add to them. */
function noteOpen(chunk: Chunk): void {
  for (const scope of sharedBy(chunk)) {
    const { classInfo, functionInfo } = scope;
    if (classInfo?.chunk === chunk) classInfo.open.push(scope);
    if (functionInfo?.chunk === chunk) functionInfo.open.push(scope);
  }
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
