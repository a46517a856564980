import { parser } from '@lezer/json';
import { withoutDepths } from './depths';
import { findNow, type DocumentParser } from './parsedDocument';
import { blankComments } from './settings/blankComments';
import { jsonSections } from './settings/sections';
import { SettingsDocument, type SectionedLanguage } from './settings/settingsDocument';
import { deepestSettings } from './settings/settingsTree';
import type { Findings } from './site';

export const jsonInSections: SectionedLanguage = {
  parser,
  *prepare(source) {
    const { text, comments } = yield* blankComments(source);
    return { text: yield* withoutDepths(text, deepestSettings), comments };
  },
  cut: jsonSections,
  around: ['{', '}'],
  mayBeCutWrong: () => true,
};

/** JSON, with or without comments; the file's name identifies Batchwise's own configuration. */
export function createParser(_languageId: string, fileName: string | null): DocumentParser {
  return new SettingsDocument(jsonInSections, fileName);
}

export function findSites(text: string, languageId: string, fileName: string | null): Findings {
  return findNow(createParser(languageId, fileName), text);
}
