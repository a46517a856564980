import { parser } from '@lezer/yaml';
import { ParsedDocument, findNow, type DocumentParser } from './parsedDocument';
import { searchSettings } from './settings/searchSettings';
import { SettingsReader } from './settings/settingsTree';
import type { Findings } from './site';

/** YAML: the file's name tells our own configuration from others. */
export function createParser(_languageId: string, fileName: string | null): DocumentParser {
  return new ParsedDocument(parser, function* find(text, tree) {
    return {
      value: yield* searchSettings(yield* new SettingsReader(text).read(tree), fileName),
      clean: false,
    };
  });
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
