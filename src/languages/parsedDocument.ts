import { TreeFragment, type ChangedRange, type Parser, type Tree } from '@lezer/common';
import { Clock, finished, sliceMilliseconds } from './clock';
import { withoutDepths, withoutLongLines } from './depths';
import { changedRange, changedRanges, type Edit } from './edits';
import { readable } from './limits';
import { nothingFound, type Findings } from './site';
import { StagedParse } from './stagedParse';

/** How a document's text becomes findings, a little at a time. */
export interface DocumentParser {
  /**
   * Takes the new text and the edits that led to it since the last call. Several edits have offsets
   * into the text before all of them, as VS Code's change events give them; null when anything may
   * have changed. Nothing is parsed yet.
   */
  update(text: string, edits: readonly Edit[] | null): void;
  /** Works for at most about `milliseconds`; true when the text is parsed and searched. */
  work(milliseconds: number): boolean;
  /** The findings of the current text; null until `work` returned true for it. */
  readonly findings: Findings | null;
}

/**
 * Turns a tree into findings; yields when the clock says that the slice is over. The
 * clock is the same for all trees of a text.
 */
type Finder<T> = (text: string, tree: Tree, clock: Clock) => Generator<undefined, Made<T>>;

/** What was made of a text, and whether its parser found no mistake in it. */
export interface Made<T> {
  readonly value: T;
  readonly clean: boolean;
}

/**
 * Keeps a text's syntax tree, so that an edit only parses what it touched. Only trees without a
 * mistake are parsed on from: around mistakes Lezer reuses statements in blocks where they are not
 * (of `@lezer/python` whole classes, in the body of another). While a text holds mistakes, the last
 * tree without any serves for all that has not been touched since.
 */
export class ParsedText<T> {
  readonly #parser: Parser;
  readonly #finder: Finder<T>;
  /** The findings of a document that is too long to parse. */
  readonly #nothing: T;
  #text = '';
  /** Whether the text is as it was given, with no line left out. */
  #whole = true;
  #fragments: readonly TreeFragment[] = [];
  #parse: StagedParse | null = null;
  #finishing = false;
  #tree: Tree | null = null;
  #search: Generator<undefined, Made<T>> | null = null;
  #found: { readonly value: T } | null = null;
  readonly #clock = new Clock();

  constructor(parser: Parser, finder: Finder<T>, nothing: T) {
    this.#parser = parser;
    this.#finder = finder;
    this.#nothing = nothing;
  }

  /** What the finder made of the current text; null until `work` returned true for it. */
  get result(): T | null {
    return this.#found && this.#found.value;
  }

  update(given: string, edits: readonly Edit[] | null): void {
    const text = readable(given) ?? '';
    const whole = text === given;
    // An edit may make a line too long to be read, or short enough.
    const told = edits && whole && this.#whole;
    if (this.#fragments.length > 0) {
      const changes = told ? changedRanges(edits) : changedRange(this.#text, text);
      this.#fragments = this.#keptFragments(text, changes);
    }
    this.#text = text;
    this.#whole = whole;
    this.#parse = null;
    this.#finishing = false;
    this.#tree = null;
    this.#search = null;
    // Of a text that is left alone nothing can be said.
    this.#found = text === '' && given !== '' ? { value: this.#nothing } : null;
  }

  #keptFragments(text: string, changes: readonly ChangedRange[] | null): readonly TreeFragment[] {
    if (!changes) return [];
    // Edits that do not lead from the old length to the new are not about this text: start afresh.
    const last = changes.at(-1);
    const grown = last ? last.toB - last.toA : 0;
    return this.#text.length + grown === text.length
      ? TreeFragment.applyChanges(this.#fragments, changes)
      : [];
  }

  work(milliseconds: number): boolean {
    if (this.#found) return true;
    this.#clock.start(milliseconds);
    try {
      return (this.#search !== null || this.#parseOn()) && this.#searchOn();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#flatten();
      return this.work(this.#clock.remaining);
    }
  }

  /**
   * Brackets in brackets, or operators in a chain, thousands deep, can exhaust the stack, which is
   * shallower in an editor: they are left out of the next try.
   */
  #flatten(): void {
    const shallow = finished(withoutDepths(this.#text));
    const flat = shallow === this.#text ? withoutLongLines(this.#text) : shallow;
    this.#parse = null;
    this.#finishing = false;
    this.#search = null;
    this.#fragments = [];
    if (flat === this.#text) this.#found = { value: this.#nothing };
    this.#text = flat;
  }

  #parseOn(): boolean {
    const text = this.#text;
    const clock = this.#clock;
    this.#parse ??= new StagedParse(this.#parser, text, this.#fragments);
    for (;;) {
      // Such a step gets a slice of its own.
      if (this.#parse.buildsMuch && !this.#finishing && clock.remaining < Infinity) {
        this.#finishing = true;
        return false;
      }
      const tree = this.#parse.advance();
      if (tree) {
        this.#parse = null;
        this.#finishing = false;
        this.#tree = tree;
        this.#search = this.#finder(text, tree, clock);
        return !clock.isOver();
      }
      if (clock.isDue()) return false;
    }
  }

  #searchOn(): boolean {
    while (this.#search) {
      const next = this.#search.next();
      if (!next.done) {
        if (this.#clock.isOver()) return false;
        continue;
      }
      const { value, clean } = next.value;
      if (clean && this.#tree) this.#fragments = TreeFragment.addTree(this.#tree);
      this.#found = { value };
      this.#search = null;
    }
    return true;
  }
}

/** Keeps one document's syntax tree and what was found in it. */
export class ParsedDocument extends ParsedText<Findings> implements DocumentParser {
  constructor(parser: Parser, finder: Finder<Findings>) {
    super(parser, finder, nothingFound);
  }

  get findings(): Findings | null {
    return this.result;
  }
}

/** Yields to other work: the host's `setImmediate`, or a test's own. */
type GiveWay = () => Promise<void>;

/**
 * Parses and searches in slices of at most about 3 ms, giving way between them. Null when the
 * document was edited meanwhile (`isCurrent` says no).
 */
export async function findInSlices(
  document: DocumentParser,
  giveWay: GiveWay,
  isCurrent: () => boolean = () => true,
): Promise<Findings | null> {
  while (!document.work(sliceMilliseconds)) {
    await giveWay();
    if (!isCurrent()) return null;
  }
  return document.findings;
}

/** Parses and searches without a pause. */
export function findNow(document: DocumentParser, text: string): Findings {
  document.update(text, null);
  document.work(Infinity);
  return document.findings ?? nothingFound;
}
