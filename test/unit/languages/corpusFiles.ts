import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import * as javascript from '../../../src/languages/javascript';
import * as json from '../../../src/languages/json';
import { findSitesInCells, type NotebookCell } from '../../../src/languages/notebook';
import * as python from '../../../src/languages/python';
import type { Findings } from '../../../src/languages/site';
import * as shell from '../../../src/languages/shell';
import * as toml from '../../../src/languages/toml';
import * as yaml from '../../../src/languages/yaml';

export const corpusFolder = path.resolve('test/corpus');

const languageIds: Record<string, string> = {
  '.py': 'python',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.jsx': 'javascriptreact',
  '.ts': 'typescript',
  '.tsx': 'typescriptreact',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.json': 'json',
  '.toml': 'toml',
  '.sh': 'shellscript',
  '.mk': 'makefile',
};

export interface CorpusFile {
  /** Relative to the corpus. */
  readonly name: string;
  readonly languageId: string;
  /** One text per cell; one for plain files. */
  readonly texts: readonly string[];
  readonly find: (texts: readonly string[]) => Findings;
}

/** Finds in one text, as the editor would for a document of that language and name. */
export function findIn(text: string, languageId: string, name: string): Findings {
  switch (languageId) {
    case 'python':
      return python.findSites(text, languageId, name);
    case 'yaml':
      return yaml.findSites(text, languageId, name);
    case 'json':
      return json.findSites(text, languageId, name);
    case 'toml':
      return toml.findSites(text);
    case 'shellscript':
    case 'makefile':
      return shell.findSites(text, languageId, name);
    default:
      return javascript.findSites(text, languageId, name);
  }
}

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: readonly string[] }[];
  readonly metadata: { readonly kernelspec: { readonly language: string } };
}

function notebookFile(name: string, text: string): CorpusFile {
  const notebook = JSON.parse(text) as Notebook;
  const { language } = notebook.metadata.kernelspec;
  const toCells = (texts: readonly string[]): NotebookCell[] =>
    texts.map((source, index) => ({
      id: String(index),
      languageId: notebook.cells[index]?.cell_type === 'code' ? language : 'markdown',
      text: source,
    }));
  return {
    name,
    languageId: language,
    texts: notebook.cells.map(({ source }) => source.join('')),
    find: (texts) => findSitesInCells(toCells(texts)),
  };
}

/** Every file of the corpus. */
export function corpusFiles(): CorpusFile[] {
  return readdirSync(corpusFolder, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((name) => {
      const extension = path.extname(name);
      const text = () => readFileSync(path.join(corpusFolder, name), 'utf8');
      if (extension === '.ipynb') return [notebookFile(name, text())];
      const languageId = languageIds[extension];
      if (languageId === undefined) return [];
      const file = path.basename(name);
      const find = ([source = '']: readonly string[]) => findIn(source, languageId, file);
      return [{ name, languageId, texts: [text()], find }];
    });
}
