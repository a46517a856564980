import path from 'node:path';
import * as vscode from 'vscode';

/** Which files are configs, and where they stand. */

export const configGlob = '**/{batchwise.json,*.batchwise.json}';
/** Folders that hold no configs of the workspace's own. */
export const excludedGlob = '**/{node_modules,.git,.batchwise,.venv,venv,__pycache__}/**';

/** Whether a file's name makes it a config. */
export function isConfigName(fileName: string): boolean {
  const name = path.basename(fileName);
  return name === 'batchwise.json' || name.endsWith('.batchwise.json');
}

export function isConfigDocument(document: vscode.TextDocument): boolean {
  return (
    (document.uri.scheme === 'file' || document.uri.scheme === 'untitled') &&
    isConfigName(document.fileName)
  );
}

/** The folder that a config's paths may not leave; undefined outside any workspace folder. */
export function rootOf(uri: vscode.Uri): string | undefined {
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
}

/** Folders of the workspace that programs can read: one of a virtual file system may stand beside them. */
export function foldersOnDisk(): vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

/** A config as people know it: its path in the workspace. */
export function configLabel(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri);
}

/** The config in the active editor, else the only visible one. */
export function configInView(): vscode.Uri | null {
  const active = vscode.window.activeTextEditor?.document;
  if (active && isConfigDocument(active) && active.uri.scheme === 'file') return active.uri;
  const visible = vscode.window.visibleTextEditors
    .map(({ document }) => document)
    .filter((document) => isConfigDocument(document) && document.uri.scheme === 'file');
  return visible.length === 1 && visible[0] ? visible[0].uri : null;
}

/** Every config of the workspace: searched only when a person asks for something. */
export async function findConfigs(token?: vscode.CancellationToken): Promise<vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(configGlob, excludedGlob, 200, token);
  return found.sort((a, b) => a.path.length - b.path.length || a.path.localeCompare(b.path));
}

/** A place for a new config: the preferred names, then those of a stem, as far as they are free. */
export async function freeConfigUri(
  folder: vscode.Uri,
  stem: string,
  preferred: readonly string[] = [],
): Promise<vscode.Uri> {
  for (let number = 0; ; number++) {
    const again = number - preferred.length;
    const name = preferred[number] ?? `${stem}${again === 0 ? '' : `-${again + 1}`}.batchwise.json`;
    const uri = vscode.Uri.joinPath(folder, name);
    try {
      await vscode.workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}

/** Lets the person choose among several configs; undefined when they turn away. */
export async function pickConfig(configs: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  if (configs.length <= 1) return configs[0];
  const items = configs.map((uri) => ({
    label: configLabel(uri),
    uri,
    iconPath: new vscode.ThemeIcon('json'),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Batchwise',
    placeHolder: vscode.l10n.t('Which config?'),
  });
  return picked?.uri;
}
