import { parser } from '@lezer/yaml';
import { withoutDepths } from './depths';
import type { Edit } from './edits';
import { ParsedDocument, findNow, type DocumentParser } from './parsedDocument';
import { SettingsReader, deepestSettings } from './settings/settingsTree';
import { searchSettings } from './settings/searchSettings';
import type { Findings } from './site';

/** YAML: the file's name tells our own configuration from others. */
export function createParser(_languageId: string, fileName: string | null): DocumentParser {
  return new YamlDocument(fileName);
}

class YamlDocument extends ParsedDocument {
  constructor(fileName: string | null) {
    super(parser, function* find(text, tree) {
      const file = yield* new SettingsReader(text).read(tree);
      // Lezer does not parse YAML on without mistakes: every edit parses it from its start.
      return { value: yield* searchSettings(file, fileName), clean: false };
    });
  }

  override update(text: string, edits: readonly Edit[] | null): void {
    super.update(withoutDepths(text, deepestSettings), edits);
  }
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
