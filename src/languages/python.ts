import { parser } from '@lezer/python';
import { programDocument } from './code/programDocument';
import { PythonReader } from './code/readPython';
import { findNow, type DocumentParser } from './parsedDocument';
import type { Findings } from './site';

/** Python source. The id and the name make no difference. */
export function createParser(): DocumentParser {
  return programDocument(parser, 'python', (text) => new PythonReader(text));
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
