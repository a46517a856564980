import { parser } from '@lezer/python';
import { programDocument } from './code/find/programDocument';
import type { ChunkSizes } from './code/read/readChunks';
import { pythonInChunks } from './code/read/readPython';
import { findNow, type DocumentParser } from './parsedDocument';
import type { Findings } from './site';

/** Python source. The id makes no difference. */
export function createParser(
  _id?: string,
  fileName?: string | null,
  sizes?: ChunkSizes,
): DocumentParser {
  return programDocument(parser, 'python', pythonInChunks, sizes, fileName);
}

export function findSites(text: string, languageId?: string, fileName?: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
