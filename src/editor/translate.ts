import * as vscode from 'vscode';
import {
  describe,
  render,
  type Language as SpokenLanguage,
  type Problem,
  type Text,
} from '../core/text/problem';
import { inLanguage } from '../core/sweep/renderedText';
import type { RenderedText } from '../core/sweep/result';
import type { Language } from './language';

/** Words and numbers in the language of the person's VS Code. */
export const language: Language = {
  t: (template, values = {}) => vscode.l10n.t(template, values),
  get tag() {
    return vscode.env.language;
  },
};

/** The same for reports and other texts that the terminal makes, too. */
export const spoken: SpokenLanguage = {
  translate: language.t,
  get tag() {
    return language.tag;
  },
  say: (id, values = {}) => tell({ id, values }),
};

/** One of our texts as a sentence. */
export function tell(text: Text): string {
  return render(text, language.t, language.tag);
}

/** A text that travelled with its English sentence; ids of a newer version keep that sentence. */
export function tellText(text: RenderedText): string {
  return inLanguage(text, { translate: language.t, tag: language.tag });
}

/** A problem's sentence without its place. */
export function tellProblem({ reason, values }: Problem): string {
  return tell({ id: reason, values });
}

/** A problem as the log has it: place and English sentence. */
export function logLine(problem: Problem): string {
  return describe(problem);
}
