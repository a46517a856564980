import type * as vscode from 'vscode';
import { languageIds } from '../../languages/languageIds';

/** Saved, unsaved, in a notebook, or of a remote window; git's and diff views' sides are left out. */
const siteSchemes = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote'] as const;
const schemes = new Set<string>(siteSchemes);
const languages = new Set<string>(languageIds);

/** Documents that may hold batch-size sites. */
export const siteSelector: vscode.DocumentFilter[] = languageIds.flatMap((language) =>
  siteSchemes.map((scheme) => ({ language, scheme })),
);

export function mayHaveSites(document: vscode.TextDocument): boolean {
  return languages.has(document.languageId) && schemes.has(document.uri.scheme);
}
