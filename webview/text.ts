import * as l10n from '@vscode/l10n';
import type { RenderedText } from '../src/core/sweep/result';
import type { Text } from '../src/core/text/problem';
import { spoken } from '../src/core/text/spoken';
import type { PageLanguage } from '../src/protocol/pageLanguage';
import { createFormat, type Format } from './format';

/** English sentences by id, as the host has sent them. */
let messages: PageLanguage['messages'] = {};

/** From here on the page speaks the host's language. */
export function useLanguage(page: { lang: string }, language: PageLanguage): Format {
  l10n.config({ contents: JSON.stringify(language.strings ?? {}) });
  page.lang = language.tag;
  messages = language.messages;
  return createFormat(language.tag);
}

/** Sentences one after another; some languages part them by no space. */
export function paragraph(
  sentences: readonly (string | null)[],
  { language }: Pick<Format, 'language'>,
): string {
  const told = sentences.filter((text) => text !== null && text !== '');
  return told.join(/^(ja|zh)\b/.test(language) ? '' : ' ');
}

/**
 * A sentence of the sweep in the person's language: its template is translated, its numbers are
 * formatted. A text of a newer version, whose id is unknown here, stays as it was written.
 */
export function sentence(text: RenderedText | Text, format: Format): string {
  const template = Object.hasOwn(messages, text.id) ? messages[text.id] : undefined;
  if (template === undefined) return 'text' in text ? text.text : '';
  const values = Object.fromEntries(
    Object.entries(text.values).map(([name, value]) => [
      name,
      typeof value === 'number' ? format.number(value) : value,
    ]),
  );
  const speech = { translate: l10n.t, tag: format.language, messages };
  return l10n.t(template, spoken(values, speech)).replace(beforeUnit, '\u00a0');
}

/** The space between a number and its unit, where a line must not end. */
const beforeUnit = /(?<=\d) (?=(?:[kMGT]?B|ms|s|min|h)\b)/g;
