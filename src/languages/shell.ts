import { findNow, type DocumentParser } from './parsedDocument';
import { searchCommands } from './shell/searchCommands';
import type { Findings } from './site';
import { SteppedDocument } from './steppedDocument';

/** Shell scripts: the flags of commands that train, and the variables that flow into them. */
export function createParser(): DocumentParser {
  return new SteppedDocument(searchCommands);
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
