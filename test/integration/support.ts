import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What `batchwise.tune` resolves to. */
export interface TuneOutcome {
  readonly kind: 'done' | 'cancelled' | 'failed' | 'refused';
  readonly result?: {
    readonly trials: readonly { readonly batchSize: number }[];
    readonly recommendation: { readonly batchSize: number; readonly learningRate: number } | null;
    readonly notes?: readonly { readonly id: string }[];
    readonly cost: { readonly seconds: number };
    readonly finishedAt: string | null;
  };
}

export function workspaceFile(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the workspace has no folder');
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function openFile(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Writes a file of the workspace; folders on the way are made. */
export async function writeWorkspaceFile(name: string, text: string): Promise<vscode.Uri> {
  const uri = workspaceFile(name);
  await vscode.workspace.fs.createDirectory(vscode.Uri.file(path.dirname(uri.fsPath)));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

/** The fixture's config under another name, its text changed. */
export async function deriveConfig(
  name: string,
  change: (text: string) => string,
): Promise<vscode.Uri> {
  const bytes = await vscode.workspace.fs.readFile(workspaceFile('batchwise.json'));
  const before = new TextDecoder().decode(bytes);
  const after = change(before);
  assert.notEqual(after, before, 'the change found nothing to change');
  return writeWorkspaceFile(name, after);
}

/** Just inside the first place where a text stands. */
export function positionOf(document: vscode.TextDocument, text: string): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${text} does not occur in ${document.fileName}`);
  return document.positionAt(offset + 1);
}

/** Our own hover at a place, as its Markdown. */
export async function hoverAt(document: vscode.TextDocument, text: string): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    positionOf(document, text),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
    .filter((content) => content.includes('Batchwise'))
    .join('\n');
}

export async function codeActionsAt(
  document: vscode.TextDocument,
  text: string,
): Promise<vscode.CodeAction[]> {
  const at = positionOf(document, text);
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(at, at),
  );
}

export async function lensTitles(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    document.uri,
    20,
  );
  return lenses.flatMap(({ command }) => (command ? [command.title] : []));
}

export function ourDiagnostics(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Batchwise');
}

/** Waits until something is found; fails, naming it, after `seconds`. */
export async function eventually<T>(
  what: string,
  find: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  seconds = 45,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
    await pause(50);
  }
}

export async function tune(config: vscode.Uri): Promise<TuneOutcome> {
  return vscode.commands.executeCommand<TuneOutcome>('batchwise.tune', config);
}

/** How many of the logs of a `batchwise.json` say that a trial has started. */
export async function sweepsThatTrain(config: vscode.Uri): Promise<number> {
  const folder = vscode.Uri.joinPath(config, '../.batchwise/batchwise');
  const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(folder)).catch(() => []);
  const logs = entries.filter(([name]) => name.endsWith('.jsonl'));
  const texts = await Promise.all(
    logs.map(([name]) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name))),
  );
  return texts.filter((text) => new TextDecoder().decode(text).includes('"trialStarted"')).length;
}

/** Titles of the code actions at a place. */
export const actionTitles = async (document: vscode.TextDocument, text: string) =>
  (await codeActionsAt(document, text)).map(({ title }) => title);
