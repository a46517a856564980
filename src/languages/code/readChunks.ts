import type { Tree, TreeCursor } from '@lezer/common';
import type { Reader } from './reader';
import { emptyChunk, type Chunk, type Scope } from './syntax';

/** Chunks by the part of the tree they were read from, which an incremental parse keeps as it is. */
export type ChunkCache = WeakMap<object, Chunk>;

interface Part {
  readonly node: object;
  readonly from: number;
  readonly to: number;
}

/** Reads the top-level statements of a tree, those that an edit left alone from the cache. */
export function* readChunks(
  tree: Tree,
  cell: number,
  reader: Reader,
  scope: Scope,
  cache: ChunkCache,
): Generator<undefined, Chunk[]> {
  const parts: Part[] = [];
  collectParts(tree, 0, parts, tree);
  const chunks: Chunk[] = [];
  const cursor: TreeCursor = tree.cursor();
  let more = cursor.firstChild();
  for (const part of parts) {
    const known = cache.get(part.node);
    const chunk = known ?? emptyChunk(part.from, cell);
    chunk.base = part.from;
    chunk.cell = cell;
    while (more && cursor.from < part.to) {
      if (!known) yield* reader.read(cursor, chunk, scope);
      more = cursor.nextSibling();
    }
    if (!known) cache.set(part.node, chunk);
    chunks.push(chunk);
    yield;
  }
  return chunks;
}

/** The top-level parts of a tree: nodes, and buffers of small nodes; groups of them are entered. */
function collectParts(tree: Tree, base: number, parts: Part[], top: Tree): void {
  tree.children.forEach((child, index) => {
    const from = base + (tree.positions[index] ?? 0);
    if ('children' in child && (child.type.isAnonymous || child === top)) {
      collectParts(child, from, parts, top);
    } else if (child.length > 0) {
      parts.push({ node: child, from, to: from + child.length });
    }
  });
}
