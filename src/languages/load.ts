import type { Findings } from './site';
import type * as NotebookModuleType from './notebook';
import type { LanguageId } from './languageIds';
import type { DocumentParser } from './parsedDocument';

/** What every language module exports; each is a bundle of its own, loaded on first use. */
interface LanguageModule {
  /**
   * @param languageId the editor's language id (`typescriptreact`), which decides the dialect.
   * @param fileName the file's name, which decides for configurations; null for untitled documents.
   */
  createParser(languageId: string, fileName: string | null): DocumentParser;
  /** Parses and searches in one go: for tests, the terminal and small documents. */
  findSites(text: string, languageId: string, fileName: string | null): Findings;
}

const modules: Readonly<Record<string, () => Promise<LanguageModule>>> = {
  javascript: () => import('./javascript'),
  javascriptreact: () => import('./javascript'),
  typescript: () => import('./javascript'),
  typescriptreact: () => import('./javascript'),
  python: () => import('./python'),
  yaml: () => import('./yaml'),
  json: () => import('./json'),
  jsonc: () => import('./json'),
  toml: () => import('./toml'),
  shellscript: () => import('./shell'),
  makefile: () => import('./shell'),
} satisfies Record<LanguageId, unknown>;

/** The module for an editor language, loaded on first use; null for other languages. */
export async function loadLanguage(languageId: string): Promise<LanguageModule | null> {
  return Object.hasOwn(modules, languageId) ? ((await modules[languageId]?.()) ?? null) : null;
}

type NotebookModule = typeof NotebookModuleType;

/** The module that searches notebooks, loaded on first use. */
export function loadNotebook(): Promise<NotebookModule> {
  return import('./notebook');
}
