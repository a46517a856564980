import type { Parser } from '@lezer/common';
import { ParsedDocument } from '../../parsedDocument';
import { ChunkReader, type ChunkSizes, type ChunkedLanguage } from '../read/readChunks';
import type { Language } from '../program/programNames';
import { ProgramSearch } from './searchProgram';
import { moduleScope } from '../read/syntax';

/** A program in one document. */
export function programDocument(
  parser: Parser,
  language: Language,
  chunked: ChunkedLanguage,
  sizes?: ChunkSizes,
): ParsedDocument {
  const reader = new ChunkReader(chunked, moduleScope(), sizes);
  let search: ProgramSearch | null = null;
  return new ParsedDocument(parser, function* find(text, tree, clock) {
    const { value: chunks, clean } = yield* reader.read(text, tree, 0, clock);
    search ??= new ProgramSearch(language, clock);
    return { value: yield* search.search(chunks, [text]), clean };
  });
}
