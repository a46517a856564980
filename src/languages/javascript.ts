import { parser } from '@lezer/javascript';
import { programDocument } from './code/find/programDocument';
import type { ChunkSizes } from './code/read/readChunks';
import { javascriptInChunks } from './code/read/readJavaScript';
import { findNow, type DocumentParser } from './parsedDocument';
import type { Findings } from './site';

const dialects: Record<string, string> = {
  javascript: 'jsx',
  javascriptreact: 'jsx',
  typescript: 'ts',
  typescriptreact: 'ts jsx',
};

/** JavaScript and TypeScript; the editor's language id chooses the dialect. */
export function createParser(
  languageId: string,
  _name?: string | null,
  sizes?: ChunkSizes,
): DocumentParser {
  const dialect = dialects[languageId] ?? 'jsx';
  return programDocument(parser.configure({ dialect }), 'javascript', javascriptInChunks, sizes);
}

export function findSites(text: string, languageId: string): Findings {
  return findNow(createParser(languageId), text);
}
