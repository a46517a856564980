import type { Parser } from '@lezer/common';
import { ParsedDocument } from '../parsedDocument';
import { Program } from './program';
import { readChunks, type ChunkCache } from './readChunks';
import type { Reader } from './reader';
import { searchProgram } from './searchProgram';
import { newScope } from './syntax';

/** A program in one document. */
export function programDocument(
  parser: Parser,
  language: 'python' | 'javascript',
  newReader: (text: string) => Reader,
): ParsedDocument {
  const scope = newScope(null, 'module');
  const cache: ChunkCache = new WeakMap();
  return new ParsedDocument(parser, function* find(text, tree) {
    const chunks = yield* readChunks(tree, 0, newReader(text), scope, cache);
    return yield* searchProgram(yield* Program.of(chunks, language), [text]);
  });
}
