import path from 'node:path';
import * as vscode from 'vscode';
import { valueAt } from '../../config/jsonText';
import { setValues } from '../../config/editConfig';
import { rangeOf } from '../configs/applyValues';
import { outlineConfig } from '../configs/configDocument';

/**
 * Adds a file to the `sources` of a config, so that its measurements are shown there. A config that
 * had no unsaved changes is saved.
 * @returns false where the config's JSON is too broken to edit
 */
export async function linkSource(config: vscode.Uri, file: vscode.Uri): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(config);
  const wasSaved = !document.isDirty;
  const text = document.getText();
  const listed = valueAt(outlineConfig(text).value, ['sources']);
  const sources: unknown[] | null = Array.isArray(listed) ? listed : null;
  const relative = path.relative(path.dirname(config.fsPath), file.fsPath);
  const source = relative.split(path.sep).join('/');
  if (sources?.includes(source)) return true;
  const edits = setValues(text, [
    sources
      ? { pointer: ['sources', sources.length], value: source }
      : { pointer: ['sources'], value: [source] },
  ]);
  if (!edits) return false;
  const edit = new vscode.WorkspaceEdit();
  for (const each of edits) edit.replace(config, rangeOf(document, each), each.content);
  if (!(await vscode.workspace.applyEdit(edit))) return false;
  return wasSaved ? document.save() : true;
}
