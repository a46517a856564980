import { open } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { excludedGlob, isConfigName } from '../configs/configFiles';
import { isDataName, looksLikeModelModule, looksLikeTopology } from './detect';

const maxFiles = 500;
const headBytes = 64 * 1024;

export interface ModelCandidate {
  readonly file: string;
  readonly kind: 'topology' | 'module';
}

/** Files of the folder that look like models, from the beginning of each. */
export async function findModels(folder: vscode.WorkspaceFolder): Promise<ModelCandidate[]> {
  const [texts, modules] = await Promise.all([
    find(folder, '**/*.json'),
    find(folder, '**/*[mM]odel*.{mjs,js,cjs,ts,mts}'),
  ]);
  const candidates: ModelCandidate[] = [];
  for (const file of texts) {
    if (isConfigName(file)) continue;
    if (looksLikeTopology(await headOf(file))) candidates.push({ file, kind: 'topology' });
  }
  for (const file of modules) {
    if (looksLikeModelModule(await headOf(file))) candidates.push({ file, kind: 'module' });
  }
  return candidates;
}

/** Files of the folder that look like data, and folders of images by class. */
export async function findData(folder: vscode.WorkspaceFolder): Promise<string[]> {
  const [files, images] = await Promise.all([
    find(folder, '**/*{.csv,.tsv,.parquet,.arrow,.feather,.jsonl,.npy,.npz,.idx,.gz,-ubyte}'),
    find(folder, '**/*.{png,jpg,jpeg,PNG,JPG,JPEG}'),
  ]);
  const classes = new Map<string, Set<string>>();
  for (const image of images) {
    const folderOfClass = path.dirname(image);
    const parent = path.dirname(folderOfClass);
    classes.set(parent, (classes.get(parent) ?? new Set()).add(folderOfClass));
  }
  const imageFolders = [...classes].filter(([, each]) => each.size >= 2).map(([parent]) => parent);
  const root = folder.uri.fsPath;
  return [
    ...files.filter(isDataName).toSorted(byTraining),
    ...imageFolders.filter((parent) => parent.startsWith(root)),
  ];
}

/** Training data before validation and test data, then shorter paths first. */
function byTraining(a: string, b: string): number {
  const rank = (file: string) => {
    const name = path.basename(file).toLowerCase();
    if (/label/.test(name)) return 3;
    return /train/.test(name) ? 0 : /test|val/.test(name) ? 2 : 1;
  };
  return rank(a) - rank(b) || a.length - b.length || a.localeCompare(b);
}

async function find(folder: vscode.WorkspaceFolder, glob: string): Promise<string[]> {
  const pattern = new vscode.RelativePattern(folder, glob);
  const found = await vscode.workspace.findFiles(pattern, excludedGlob, maxFiles);
  return found
    .map(({ fsPath }) => fsPath)
    .toSorted((a, b) => a.length - b.length || a.localeCompare(b));
}

/** The beginning of a file as text; empty when it cannot be read. */
export async function headOf(file: string, bytes = headBytes): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
