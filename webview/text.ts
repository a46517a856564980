import * as l10n from '@vscode/l10n';
import { isMessageId, messages } from '../src/core/text/messages';
import { spoken, type Translate } from '../src/core/text/problem';
import type { RenderedText } from '../src/core/sweep/result';
import type { Format } from './format';

/**
 * A sentence of the sweep in the person's language: its template is translated, its numbers are
 * formatted. A text of a newer version, whose id is unknown here, stays as it was written.
 */
export function sentence(text: RenderedText, format: Format): string {
  if (!isMessageId(text.id)) return text.text;
  const values = Object.fromEntries(
    Object.entries(text.values).map(([name, value]) => [
      name,
      typeof value === 'number' ? format.number(value) : value,
    ]),
  );
  return l10n.t(messages[text.id], spoken(values, translate, format.language));
}

const translate: Translate = (template, values) => l10n.t(template, values);
