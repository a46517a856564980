import type { Parser } from '@lezer/common';
import { roleOfFile } from '../../fileRoles';
import { ParsedDocument } from '../../parsedDocument';
import { ChunkReader, type ChunkSizes, type ChunkedLanguage } from '../read/readChunks';
import type { Language } from '../program/programNames';
import { ProgramSearch } from './searchProgram';
import { moduleScope } from '../read/syntax';

/**
 * A program in one document.
 * @param fileName says what programs are that make no updates
 */
export function programDocument(
  parser: Parser,
  language: Language,
  chunked: ChunkedLanguage,
  sizes?: ChunkSizes,
  fileName: string | null = null,
): ParsedDocument {
  const reader = new ChunkReader(chunked, moduleScope(), sizes);
  let search: ProgramSearch | null = null;
  return new ParsedDocument(parser, function* find(text, tree, clock) {
    const { value: chunks, clean } = yield* reader.read(text, tree, 0, clock);
    search ??= new ProgramSearch(language, clock, roleOfFile(fileName));
    return { value: yield* search.search(chunks, [text]), clean };
  });
}
