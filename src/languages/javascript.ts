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
  fileName?: string | null,
  sizes?: ChunkSizes,
): DocumentParser {
  const dialect = dialects[languageId] ?? 'jsx';
  const dialectParser = parser.configure({ dialect });
  return programDocument(dialectParser, 'javascript', javascriptInChunks, sizes, fileName);
}

export function findSites(text: string, languageId: string, fileName?: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
