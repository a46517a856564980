import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { valueAt } from '../../config/jsonText';
import { outlineConfig, stringAt } from '../configs/configDocument';
import { configGlob, findConfigs, isConfigDocument } from '../configs/configFiles';

/** A config as far as it matters which files it stands for. */
interface SourceConfig {
  readonly uri: vscode.Uri;
  /** Absolute paths of its `sources`. */
  readonly sources: ReadonlySet<string>;
  /** Absolute path of the Python script that it trains; null for a config with a model of its own. */
  readonly script: string | null;
}

/**
 * Which configs stand for a source file. The workspace's configs are looked for when a site was found and
 * somebody asks, once; from then on they are followed.
 */
export class SourceConfigs implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** A config appeared, went away or lists other files. */
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable[] = [];
  #uris: Promise<readonly vscode.Uri[]> | null = null;
  #configs: Promise<readonly SourceConfig[]> | null = null;

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  /** All configs of the workspace. */
  all(): Promise<readonly SourceConfig[]> {
    this.#follow();
    this.#uris ??= findConfigs();
    return (this.#configs ??= this.#uris.then((uris) => Promise.all(uris.map(readSources))));
  }

  /** The configs that list a file, the nearest first. */
  async listing(file: vscode.Uri): Promise<readonly SourceConfig[]> {
    const found = (await this.all()).filter(({ sources }) => sources.has(file.fsPath));
    return found.toSorted((a, b) => b.uri.path.length - a.uri.path.length);
  }

  /** The config that trains a script: one that names it, else the nearest that lists it. */
  async training({ fsPath }: vscode.Uri): Promise<vscode.Uri | null> {
    const naming = (await this.all()).find(({ script }) => script === fsPath);
    return (naming ?? (await this.listing(vscode.Uri.file(fsPath)))[0])?.uri ?? null;
  }

  #follow(): void {
    if (this.#subscriptions.length > 0) return;
    const readAgain = () => {
      this.#configs = null;
      this.#changed.fire();
    };
    const forget = () => {
      this.#uris = null;
      readAgain();
    };
    const watcher = vscode.workspace.createFileSystemWatcher(configGlob);
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate(forget),
      watcher.onDidChange(readAgain),
      watcher.onDidDelete(forget),
      vscode.workspace.onDidChangeWorkspaceFolders(forget),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isConfigDocument(document)) readAgain();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (isConfigDocument(document)) readAgain();
      }),
    );
  }
}

async function readSources(uri: vscode.Uri): Promise<SourceConfig> {
  const folder = path.dirname(uri.fsPath);
  const { value } = outlineConfig(await textOf(uri));
  const listed = valueAt(value, ['sources']);
  const script = stringAt(value, 'trainer', 'python');
  const sources = (Array.isArray(listed) ? listed : []).flatMap((source: unknown) =>
    typeof source === 'string' ? [path.resolve(folder, source)] : [],
  );
  return {
    uri,
    sources: new Set(sources),
    script: script === null ? null : path.resolve(folder, script),
  };
}

/** A config's text as edited where it is open, else as saved; empty where it cannot be read. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const key = uri.toString();
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
  if (open) return open.getText();
  try {
    return await readFile(uri.fsPath, 'utf8');
  } catch {
    return '';
  }
}
