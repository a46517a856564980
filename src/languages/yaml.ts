import { parser } from '@lezer/yaml';
import { withoutDepths } from './depths';
import { findNow, type DocumentParser } from './parsedDocument';
import { yamlSections } from './settings/sections';
import { SettingsDocument, type SectionedLanguage } from './settings/settingsDocument';
import { deepestSettings } from './settings/settingsTree';
import type { Findings } from './site';

const quotesAndBrackets = ['"', "'", '{', '['];

export const yamlInSections: SectionedLanguage = {
  parser,
  *prepare(text) {
    return { text: yield* withoutDepths(text, deepestSettings), comments: [] };
  },
  cut: yamlSections,
  around: ['', ''],
  // Only inside quotes and brackets is a line at the left edge no key.
  mayBeCutWrong: (section) => quotesAndBrackets.some((sign) => section.includes(sign)),
};

/** YAML; the file's name identifies Batchwise's own configuration. */
export function createParser(_languageId: string, fileName: string | null): DocumentParser {
  return new SettingsDocument(yamlInSections, fileName);
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
