import type { Tree, TreeCursor } from '@lezer/common';
import type { Clock } from '../clock';
import { numberInText, parseString } from '../code/read/literals';

/** A stretch of text that was read by itself; edits before it move it. */
export interface Part {
  base: number;
}

/** Offsets in a part. */
export interface At {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

export interface Scalar extends At {
  readonly type: 'scalar';
  readonly text: string;
  readonly value: number | null;
  readonly quote: string;
}
export interface Mapping extends At {
  readonly type: 'mapping';
  readonly entries: readonly Entry[];
}
interface Sequence extends At {
  readonly type: 'sequence';
  readonly items: readonly Node[];
}
export type Node = Scalar | Mapping | Sequence;

export interface Entry {
  readonly key: string;
  readonly keyAt: At;
  readonly value: Node | null;
}

export interface SettingsFile {
  /** One root per YAML document; JSON has one. */
  readonly roots: readonly Node[];
  readonly comments: readonly (At & { readonly text: string })[];
}

/** What is nested deeper is not read. */
export const deepestRead = 60;
/** Behind brackets nested deeper, parsers lose the rest of the file. */
export const deepestSettings = 1000;

/** Reads YAML or JSON, as Lezer parses them, into mappings, sequences and scalars. */
export class SettingsReader {
  readonly #text: string;
  readonly #part: Part;
  readonly #clock: Clock | null;
  readonly #anchors = new Map<string, Node>();
  readonly #comments: (At & { text: string })[] = [];

  /** @param clock says when to yield; null for what is read in one */
  constructor(text: string, part: Part = { base: 0 }, clock: Clock | null = null) {
    this.#text = text;
    this.#part = part;
    this.#clock = clock;
  }

  *read(tree: Tree): Generator<undefined, SettingsFile> {
    const cursor = tree.cursor();
    const roots: Node[] = [];
    if (cursor.firstChild()) {
      do {
        if (cursor.name === 'Document') {
          const found = yield* this.#inside(cursor, 0);
          if (found) roots.push(found);
        } else {
          const node = yield* this.#node(cursor, 0);
          if (node) roots.push(node);
        }
      } while (cursor.nextSibling());
    }
    return { roots, comments: this.#comments };
  }

  /** The first value among the children of the node under the cursor. */
  *#inside(cursor: TreeCursor, depth: number): Generator<undefined, Node | null> {
    let found: Node | null = null;
    if (!cursor.firstChild()) return null;
    do {
      const node: Node | null = yield* this.#node(cursor, depth + 1);
      found ??= node;
    } while (cursor.nextSibling());
    cursor.parent();
    return found;
  }

  *#node(cursor: TreeCursor, depth: number): Generator<undefined, Node | null> {
    if (depth > deepestRead) return null;
    if (this.#clock?.isDue()) yield;
    const { from, to, name } = cursor;
    const part = this.#part;
    switch (name) {
      case 'Comment':
      case 'LineComment':
      case 'BlockComment':
        this.#comments.push({ part, from, to, text: this.#text.slice(from, to) });
        return null;
      case 'BlockMapping':
      case 'FlowMapping':
      case 'Object':
        return yield* this.#mapping(cursor, depth);
      case 'BlockSequence':
      case 'FlowSequence':
      case 'Array': {
        const items: Node[] = [];
        if (cursor.firstChild()) {
          do {
            const item: Node | null = yield* this.#node(cursor, depth + 1);
            if (item) items.push(item);
          } while (cursor.nextSibling());
          cursor.parent();
        }
        return { type: 'sequence', part, from, to, items };
      }
      case 'Item':
      case 'Tagged':
        return yield* this.#inside(cursor, depth);
      case 'Anchored':
        return yield* this.#anchored(cursor, depth);
      case 'Alias':
        return this.#anchors.get(this.#text.slice(from + 1, to)) ?? null;
      case 'Literal':
      case 'Number': {
        const text = this.#text.slice(from, to);
        return { type: 'scalar', part, from, to, text, value: numberInText(text), quote: '' };
      }
      case 'BlockLiteral':
        return {
          type: 'scalar',
          part,
          from,
          to,
          text: this.#text.slice(from, to),
          value: null,
          quote: '',
        };
      case 'QuotedLiteral':
      case 'String': {
        const { value: text, quote } = parseString(this.#text.slice(from, to));
        return { type: 'scalar', part, from, to, text, value: numberInText(text), quote };
      }
      default:
        return null;
    }
  }

  *#anchored(cursor: TreeCursor, depth: number): Generator<undefined, Node | null> {
    let name = '';
    let found: Node | null = null;
    if (!cursor.firstChild()) return null;
    do {
      if (cursor.name === 'Anchor') name = this.#text.slice(cursor.from + 1, cursor.to);
      else {
        const node: Node | null = yield* this.#node(cursor, depth + 1);
        found ??= node;
      }
    } while (cursor.nextSibling());
    cursor.parent();
    if (found) this.#anchors.set(name, found);
    return found;
  }

  *#mapping(cursor: TreeCursor, depth: number): Generator<undefined, Mapping> {
    const { to, name } = cursor;
    let { from } = cursor;
    const entries: Entry[] = [];
    if (cursor.firstChild()) {
      do {
        if (cursor.name === 'Pair' || cursor.name === 'Property') {
          const entry: Entry | null = yield* this.#entry(cursor, depth);
          if (entry) entries.push(entry);
        } else yield* this.#node(cursor, depth + 1);
      } while (cursor.nextSibling());
      cursor.parent();
    }
    // Lezer has some mappings start with the comment before them.
    if (name === 'BlockMapping') from = entries[0]?.keyAt.from ?? from;
    return { type: 'mapping', part: this.#part, from, to, entries };
  }

  *#entry(cursor: TreeCursor, depth: number): Generator<undefined, Entry | null> {
    let key: { text: string; at: At } | null = null;
    let value: Node | null = null;
    if (!cursor.firstChild()) return null;
    do {
      if (cursor.name === 'Key' || cursor.name === 'PropertyName') {
        const { from, to } = cursor;
        const raw = this.#text.slice(from, to);
        const quoted = raw.startsWith('"') || raw.startsWith("'");
        key = { text: quoted ? parseString(raw).value : raw, at: { part: this.#part, from, to } };
      } else {
        const node: Node | null = yield* this.#node(cursor, depth + 1);
        value ??= node;
      }
    } while (cursor.nextSibling());
    cursor.parent();
    return key ? { key: key.text, keyAt: key.at, value } : null;
  }
}
