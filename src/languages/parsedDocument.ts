import { TreeFragment, type Parser, type PartialParse, type Tree } from '@lezer/common';
import { nothingFound, type Findings } from './site';

/** A replacement in a document: offsets before the edit, and the length of what took its place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly inserted: number;
}

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

/** Turns a tree into what is wanted of it in small steps, between which the caller may stop. */
export type Finder<T> = (text: string, tree: Tree) => Generator<undefined, T>;

const sliceMilliseconds = 5;
/** Longer documents are generated ones; parsing them would hold megabytes of tree. */
export const longestDocument = 5_000_000;

/** Keeps a text's syntax tree, so that an edit only parses what it touched. */
export class ParsedText<T> {
  private text = '';
  private fragments: readonly TreeFragment[] = [];
  private parse: PartialParse | null = null;
  private search: Generator<undefined, T> | null = null;
  private found: { readonly value: T } | null = null;

  constructor(
    private readonly parser: Parser,
    private readonly finder: Finder<T>,
    /** What a document too long to parse is taken to hold. */
    private readonly nothing: T,
  ) {}

  /** What the finder made of the current text; null until `work` returned true for it. */
  get result(): T | null {
    return this.found && this.found.value;
  }

  update(text: string, edits: readonly Edit[] | null): void {
    this.keepPartialParse();
    this.fragments = edits ? this.keptFragments(text, edits) : [];
    this.text = text;
    this.search = null;
    this.found = null;
  }

  private keptFragments(text: string, edits: readonly Edit[]): readonly TreeFragment[] {
    const changes = changedRanges(edits);
    // Edits that do not lead from the old length to the new are not about this text: start afresh.
    const grown = edits.reduce((sum, { from, to, inserted }) => sum + inserted - (to - from), 0);
    return changes && this.text.length + grown === text.length
      ? TreeFragment.applyChanges(this.fragments, changes)
      : [];
  }

  work(milliseconds: number): boolean {
    if (this.found) return true;
    if (this.text.length > longestDocument) {
      this.found = { value: this.nothing };
      return true;
    }
    try {
      const end = performance.now() + milliseconds;
      if (!this.search && !this.parseUntil(end)) return false;
      return this.searchUntil(end);
    } catch (error) {
      // Thousands of brackets in brackets can exhaust the stack, which is shallower in an editor.
      if (!(error instanceof RangeError)) throw error;
      this.parse = null;
      this.search = null;
      this.found = { value: this.nothing };
      return true;
    }
  }

  private parseUntil(end: number): boolean {
    this.parse ??= this.parser.startParse(this.text, this.fragments);
    // The clock is read every few steps: reading it costs as much as a short step.
    for (let step = 1; ; step++) {
      const tree = this.parse.advance();
      if (tree) {
        this.parse = null;
        this.fragments = TreeFragment.addTree(tree, this.fragments);
        this.search = this.finder(this.text, tree);
        return true;
      }
      if (step % 4 === 0 && performance.now() >= end) return false;
    }
  }

  private searchUntil(end: number): boolean {
    while (this.search) {
      const next = this.search.next();
      if (next.done) {
        this.found = { value: next.value };
        this.search = null;
        return true;
      }
      if (performance.now() >= end) return false;
    }
    return this.found !== null;
  }

  /** An edit during a parse: what is parsed so far still serves. */
  private keepPartialParse(): void {
    const { parse } = this;
    this.parse = null;
    if (!parse || parse.parsedPos === 0) return;
    parse.stopAt(parse.parsedPos);
    for (let step = 0; step < 10_000; step++) {
      const tree = parse.advance();
      if (!tree) continue;
      this.fragments = TreeFragment.addTree(tree, this.fragments, true);
      return;
    }
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

/** Edits as Lezer wants them: in order, with offsets in both texts; null when they overlap. */
function changedRanges(edits: readonly Edit[]) {
  const ordered = [...edits].sort((a, b) => a.from - b.from);
  let shift = 0;
  let end = 0;
  const ranges = [];
  for (const { from, to, inserted } of ordered) {
    if (from < end || to < from) return null;
    ranges.push({ fromA: from, toA: to, fromB: from + shift, toB: from + shift + inserted });
    shift += inserted - (to - from);
    end = to;
  }
  return ranges;
}

/** Gives way to other work; the host's `setImmediate`, or a test's own. */
export type GiveWay = () => Promise<void>;

/**
 * Parses and searches in slices of at most about 5 ms, giving way between them. Null when the
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
