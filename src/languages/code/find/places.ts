import type { Span } from '../../site';
import type { Place } from '../read/syntax';

/** Where something stands in the document. */
export function spanOf({ chunk, from, to }: Place): Span {
  return { cell: chunk.cell, from: chunk.base + from, to: chunk.base + to };
}

/** Where something starts in the whole program: more than any document's length between cells. */
export function placeKey({ chunk, from }: Place): number {
  return chunk.cell * 2 ** 32 + chunk.base + from;
}

export function spanKey({ cell, from }: Span): number {
  return cell * 2 ** 32 + from;
}
