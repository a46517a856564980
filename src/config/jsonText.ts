import {
  findNodeAtLocation,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { TextPositions, type Position } from './textPosition';

/** A path of keys and indices into a JSON document. */
export type Pointer = readonly (string | number)[];

/** A stretch of text: offsets from 0 in UTF-16 units, position from 1. */
export interface TextRange extends Position {
  readonly offset: number;
  readonly length: number;
}

interface SyntaxError {
  readonly code: string;
  readonly offset: number;
  readonly length: number;
}

/** A JSON text with comments, parsed as far as it goes. */
export interface JsonText {
  /** Null for an empty text, or one with comments only. */
  readonly root: Node | null;
  readonly errors: readonly SyntaxError[];
  /** Keys given twice in one object; the later one of each. */
  readonly duplicateKeys: readonly { readonly pointer: Pointer; readonly node: Node }[];
  readonly value: unknown;
  range(node: { offset: number; length: number }): TextRange;
}

const byteOrderMark = '\uFEFF';

/** How many UTF-16 units a leading byte order mark takes: 0 or 1. */
export function byteOrderMarkLength(text: string): 0 | 1 {
  return text.startsWith(byteOrderMark) ? 1 : 0;
}

/**
 * Parses JSON with comments and trailing commas, keeping positions.
 * @throws RangeError when values are nested thousands deep
 */
export function parseJsonText(text: string): JsonText {
  const skipped = byteOrderMarkLength(text);
  const body = text.slice(skipped);
  const parseErrors: ParseError[] = [];
  const root = parseTree(body, parseErrors, { allowTrailingComma: true }) ?? null;
  const positions = new TextPositions(body);
  const duplicateKeys: { pointer: Pointer; node: Node }[] = [];
  const empty = root === null && parseErrors.every((error) => isAtEnd(body, error));
  const errors = empty
    ? []
    : parseErrors.map(({ error, offset, length }) => ({
        code: printParseErrorCode(error),
        offset: Math.min(offset, body.length),
        length: Math.min(length, body.length - Math.min(offset, body.length)),
      }));
  return {
    root,
    errors,
    duplicateKeys,
    value: root ? toValue(root, [], duplicateKeys) : undefined,
    range: ({ offset, length }) => ({
      offset: offset + skipped,
      length,
      ...positions.at(offset),
    }),
  };
}

function isAtEnd(text: string, error: ParseError): boolean {
  return (
    printParseErrorCode(error.error) === 'ValueExpected' && error.offset >= text.trimEnd().length
  );
}

/** Defines keys instead of assigning them: `__proto__` is a key like any other in JSON. */
function toValue(
  node: Node,
  pointer: Pointer,
  duplicates: { pointer: Pointer; node: Node }[],
): unknown {
  if (node.type === 'array') {
    return (node.children ?? []).map((child, index) =>
      toValue(child, [...pointer, index], duplicates),
    );
  }
  if (node.type !== 'object') return node.value as unknown;
  const object: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, child] = property.children ?? [];
    if (!key) continue;
    const name = String(key.value);
    const path = [...pointer, name];
    if (Object.hasOwn(object, name)) duplicates.push({ pointer: path, node: key });
    Object.defineProperty(object, name, {
      value: child ? toValue(child, path, duplicates) : null,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** Whatever is at a path of keys in an unchecked value; undefined where nothing is. */
export function valueAt(value: unknown, pointer: Pointer): unknown {
  let found = value;
  for (const key of pointer) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

/** The node of a value, or null where the document has none. */
export function findValue(root: Node, pointer: Pointer): Node | null {
  return findNodeAtLocation(root, [...pointer]) ?? null;
}

/** The node of the key of a value; null for the root, array elements and what is not there. */
export function findKey(root: Node, pointer: Pointer): Node | null {
  const property = findValue(root, pointer)?.parent;
  return property?.type === 'property' ? (property.children?.[0] ?? null) : null;
}

/**
 * Where a value (or its key) stands in a config's text; null when it is not there or the text
 * cannot be read that far.
 */
export function pointerRange(
  text: string,
  pointer: Pointer,
  part: 'key' | 'value' = 'value',
): TextRange | null {
  try {
    const json = parseJsonText(text);
    if (!json.root) return null;
    const node = part === 'key' ? findKey(json.root, pointer) : findValue(json.root, pointer);
    return node ? json.range(node) : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The position of a value, else of its nearest ancestor's key, else the text's start. */
export function locate(text: string, pointer: Pointer): Position {
  const value = pointerRange(text, pointer);
  if (value) return { line: value.line, column: value.column };
  for (let length = pointer.length - 1; length > 0; length--) {
    const ancestor = pointer.slice(0, length);
    const found = pointerRange(text, ancestor, 'key') ?? pointerRange(text, ancestor);
    if (found) return { line: found.line, column: found.column };
  }
  return { line: 1, column: 1 };
}
