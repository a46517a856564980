import type { Tree } from '@lezer/common';
import type { LRParser } from '@lezer/lr';
import { Clock, finished } from '../clock';
import { TextHash } from '../code/read/textHash';
import { readable } from '../limits';
import { ParsedDocument, type DocumentParser } from '../parsedDocument';
import { nothingFound, type Findings } from '../site';
import type { TextComment } from './blankComments';
import { searchSettings } from './searchSettings';
import type { Section } from './sections';
import {
  SettingsReader,
  deepestRead,
  type At,
  type Entry,
  type Mapping,
  type Part,
  type SettingsFile,
} from './settingsTree';

type Comments = SettingsFile['comments'];

interface Prepared {
  readonly text: string;
  readonly comments: readonly TextComment[];
}

/** How a configuration is cut, and its sections made texts that can be parsed by themselves. */
export interface SectionedLanguage {
  readonly parser: LRParser;
  /** The text as the parser can take it, every offset kept, and the comments taken out of it. */
  readonly prepare: (text: string) => Generator<undefined, Prepared>;
  /** Null where the text is to be parsed in one. */
  readonly cut: (text: string) => Generator<undefined, readonly Section[] | null>;
  /** What stands before and after a section when it is parsed. */
  readonly around: readonly [before: string, after: string];
  /** Whether a mistake in a section may mean that it was cut in the wrong place. */
  readonly mayBeCutWrong: (section: string) => boolean;
}

interface ReadSection {
  readonly part: Part;
  readonly length: number;
  readonly entries: readonly Entry[];
  /** Where the first of its keys starts and the last value ends; null for none. */
  readonly span: At | null;
  readonly comments: Comments;
}

/** Longer sections would take more than a slice to parse. */
const longestSection = 20_000;

/**
 * A configuration, parsed by its outermost keys: those that no edit touched are kept, wherever they
 * moved. Lezer parses YAML on in no other way, since trees with mistakes can't be parsed on from. What
 * does not fall apart into keys is parsed in one.
 */
export class SettingsDocument implements DocumentParser {
  readonly #language: SectionedLanguage;
  readonly #fileName: string | null;
  readonly #whole: ParsedDocument;
  readonly #clock = new Clock();
  #known = new Map<number, ReadSection[]>();
  #text = '';
  #comments: Comments = [];
  #steps: Generator<undefined, Findings | null> | null = null;
  #found: Findings | null = null;
  #inOne = false;

  constructor(language: SectionedLanguage, fileName: string | null) {
    this.#language = language;
    this.#fileName = fileName;
    const comments = () => this.#comments;
    this.#whole = new ParsedDocument(language.parser, function* find(text, tree, clock) {
      const file = yield* new SettingsReader(text, { base: 0 }, clock).read(tree);
      const all = [...comments(), ...file.comments];
      const value = yield* searchSettings({ roots: file.roots, comments: all }, text, fileName);
      return { value, clean: false };
    });
  }

  get findings(): Findings | null {
    return this.#inOne ? this.#whole.findings : this.#found;
  }

  update(given: string): void {
    const source = readable(given);
    this.#found = source === null ? nothingFound : null;
    this.#inOne = false;
    this.#steps = source === null ? null : this.#search(source);
  }

  work(milliseconds: number): boolean {
    this.#clock.start(milliseconds);
    while (this.#steps) {
      const next = this.#steps.next();
      if (next.done) {
        this.#steps = null;
        this.#found = next.value;
        if (!this.#found) {
          this.#inOne = true;
          this.#whole.update(this.#text, null);
        }
      }
      if (this.#clock.isOver()) return this.#found !== null;
    }
    return this.#inOne ? this.#whole.work(this.#clock.remaining) : this.#found !== null;
  }

  /** Null where the text is to be parsed in one. */
  *#search(source: string): Generator<undefined, Findings | null> {
    const language = this.#language;
    const { text, comments: blanked } = yield* language.prepare(source);
    yield;
    this.#text = text;
    const whole: Part = { base: 0 };
    this.#comments = blanked.map((comment) => ({ ...comment, part: whole }));
    const sections = yield* language.cut(text);
    yield;
    if (!sections) return null;
    const kept = new Map<number, ReadSection[]>();
    const entries: Entry[] = [];
    const comments: Comments[number][] = [...this.#comments];
    let first: At | null = null;
    let last: At | null = null;
    for (const { from, to } of sections) {
      if (to - from > longestSection) return null;
      const hash = new TextHash().text(text, from, to).value;
      const section = this.#take(hash, to - from) ?? this.#read(text.slice(from, to));
      if (!section) return null;
      section.part.base = from - language.around[0].length;
      const same = kept.get(hash);
      if (same) same.push(section);
      else kept.set(hash, [section]);
      for (const entry of section.entries) entries.push(entry);
      for (const comment of section.comments) comments.push(comment);
      if (section.span) {
        first ??= section.span;
        last = section.span;
      }
      if (this.#clock.isDue()) yield;
    }
    this.#known = kept;
    const roots = first && last ? [rootOf(first, last, entries)] : [];
    return yield* searchSettings({ roots, comments }, text, this.#fileName);
  }

  #take(hash: number, length: number): ReadSection | null {
    const same = this.#known.get(hash);
    return same?.[0]?.length === length ? (same.shift() ?? null) : null;
  }

  /** Null where brackets or lists are nested so deep that the stack does not hold them. */
  #parsed(text: string): Tree | null {
    try {
      return this.#language.parser.parse(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return null;
    }
  }

  /** Null where the section may have been cut in the wrong place. */
  #read(section: string): ReadSection | null {
    const { around, mayBeCutWrong } = this.#language;
    const text = around[0] + section + around[1];
    const tree = this.#parsed(text);
    if (!tree) return null;
    let mistaken = false as boolean;
    let refers = false as boolean;
    let depth = 0;
    tree.iterate({
      enter: ({ type, from, to }) => {
        mistaken ||= type.isError;
        // Lezer takes the end of the text for the end of a quote.
        mistaken ||= type.name === 'QuotedLiteral' && !isClosed(text, from, to);
        refers ||= type.name === 'Anchor' || type.name === 'Alias';
        // Lezer cannot follow trees thousands of levels deep; such nesting is not a configuration.
        if (depth === deepestRead) return false;
        depth++;
        return true;
      },
      leave: () => {
        depth--;
      },
    });
    // Anchors are seen from other sections.
    if (refers || (mistaken && mayBeCutWrong(section))) return null;
    const part: Part = { base: 0 };
    const { roots, comments } = finished(new SettingsReader(text, part).read(tree));
    const [root] = roots;
    if (roots.length > 1 || root?.type === 'sequence') return null;
    if (root?.type !== 'mapping')
      return { part, length: section.length, entries: [], span: null, comments };
    return { part, length: section.length, entries: root.entries, span: root, comments };
  }
}

function isClosed(text: string, from: number, to: number): boolean {
  return to - from > 1 && text[to - 1] === text[from];
}

/** The mapping that all sections are part of. */
function rootOf(first: At, last: At, entries: readonly Entry[]): Mapping {
  const from = first.part.base + first.from;
  const to = last.part.base + last.to;
  return { type: 'mapping', part: { base: 0 }, from, to, entries };
}
