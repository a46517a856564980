import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { english, render, type Language, type Translate } from '../core/text/problem';

/** The language of the environment (LC_ALL, LC_MESSAGES, LANG), English where it is not spoken. */
export function languageOf(
  env: NodeJS.ProcessEnv,
  folder: string = path.join(__dirname, '..', 'l10n'),
): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  const tag = /^([a-z]{2,3})(?:[_-]([A-Za-z]{2,4}))?/.exec(locale);
  const names = tag ? [`${tag[1]}-${tag[2]?.toLowerCase()}`, tag[1] ?? ''] : [];
  for (const name of names) {
    const file = path.join(folder, `bundle.l10n.${name}.json`);
    if (name === 'en' || !existsSync(file)) continue;
    l10n.config({ fsPath: file });
    return languageFrom(name, (template, values) => l10n.t(template, values));
  }
  return languageFrom('en', english);
}

function languageFrom(tag: string, translate: Translate): Language {
  return {
    tag,
    translate,
    say: (id, values = {}) => render({ id, values }, translate, tag),
  };
}
