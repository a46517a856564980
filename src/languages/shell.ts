import { findNow, type DocumentParser } from './parsedDocument';
import { asShell } from './shell/makefile';
import { searchCommands } from './shell/searchCommands';
import type { Findings } from './site';
import { SteppedDocument } from './steppedDocument';

/** Shell scripts and makefiles: the flags of commands that train, and the variables that flow into them. */
export function createParser(languageId: string, fileName: string | null): DocumentParser {
  const script = (text: string): string => (languageId === 'makefile' ? asShell(text) : text);
  return new SteppedDocument((text) => searchCommands(script(text), fileName));
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
