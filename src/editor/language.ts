/** How sentences are made: the person's language for words and for numbers. */
export interface Language {
  /** `vscode.l10n.t`: translates the template, then fills its `{name}` placeholders. */
  readonly t: (template: string, values?: Record<string, string | number>) => string;
  /** BCP 47 tag. */
  readonly tag: string;
}

/** A name from outside as plain text in Markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&:@]/g, '\\$&');
}
