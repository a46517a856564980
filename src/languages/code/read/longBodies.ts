import type { TreeCursor } from '@lezer/common';
import type { LongBodies } from './reader';

/**
 * The outermost bodies of at least `shortest` characters in the statement under the cursor, which
 * ends where it started.
 * @param names the node names of bodies
 */
export function longBodiesIn(
  cursor: TreeCursor,
  names: ReadonlySet<string>,
  shortest: number,
): LongBodies {
  const bodies = new Map<number, number>();
  walk(cursor, (node) => {
    if (node.to - node.from < shortest) return false;
    if (!names.has(node.name)) return true;
    bodies.set(node.from, node.to);
    return false;
  });
  return bodies;
}

/** Whether the parser found a mistake in the statement under the cursor, long bodies left aside. */
export function hasMistake(cursor: TreeCursor, bodies: LongBodies): boolean {
  let found = false;
  walk(cursor, (node) => {
    found ||= node.type.isError;
    return !found && bodies.get(node.from) !== node.to;
  });
  return found;
}

/**
 * Visits the node under the cursor and what is in it, as far as `enter` says so; the cursor ends
 * where it started. Without recursion: brackets may be nested thousands deep.
 */
function walk(cursor: TreeCursor, enter: (node: TreeCursor) => boolean): void {
  let depth = 0;
  for (;;) {
    if (enter(cursor) && cursor.firstChild()) {
      depth++;
      continue;
    }
    while (depth > 0 && !cursor.nextSibling()) {
      cursor.parent();
      depth--;
    }
    if (depth === 0) return;
  }
}

/**
 * Moves the cursor from a statement down to the body that spans exactly `from` to `to`.
 * @returns how many levels down it is; null, with the cursor where it started, when there is none
 */
export function enterBody(
  cursor: TreeCursor,
  names: ReadonlySet<string>,
  from: number,
  to: number,
): number | null {
  for (let depth = 0; ; depth++) {
    if (cursor.from === from && cursor.to === to && names.has(cursor.name)) return depth;
    let inside = cursor.from <= from && to <= cursor.to && cursor.firstChild();
    if (inside) while (cursor.to < to && inside) inside = cursor.nextSibling();
    if (inside) continue;
    leave(cursor, depth);
    return null;
  }
}

/** Moves the cursor up by `depth` levels. */
export function leave(cursor: TreeCursor, depth: number): void {
  for (let i = 0; i < depth; i++) cursor.parent();
}
