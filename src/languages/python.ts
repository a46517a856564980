import { parser } from '@lezer/python';
import { programDocument } from './code/find/programDocument';
import type { ChunkSizes } from './code/read/readChunks';
import { pythonInChunks } from './code/read/readPython';
import { findNow, type DocumentParser } from './parsedDocument';
import type { Findings } from './site';

/** Python source. The id and the name make no difference. */
export function createParser(
  _id?: string,
  _name?: string | null,
  sizes?: ChunkSizes,
): DocumentParser {
  return programDocument(parser, 'python', pythonInChunks, sizes);
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
