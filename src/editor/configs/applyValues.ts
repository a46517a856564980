import * as vscode from 'vscode';
import { valueAt, type TextRange } from '../../config/jsonText';
import { setTrainingValues } from '../../config/editConfig';
import { roundLearningRate } from '../explain/suggestion';
import { outlineConfig } from './configDocument';
import type { PlacedProblem } from './configProblems';

/** What is written into a config; null leaves the learning rate as it is. */
export interface NewValues {
  readonly batchSize: number;
  readonly learningRate: number | null;
  /** Microbatches of an update; left out, it stays as it is. */
  readonly gradientAccumulation?: number;
}

/** A stretch of a config's text as the editor counts it. */
export function rangeOf(
  document: vscode.TextDocument,
  range: Pick<TextRange, 'offset' | 'length'>,
): vscode.Range {
  return new vscode.Range(
    document.positionAt(range.offset),
    document.positionAt(range.offset + range.length),
  );
}

/** One undo step that writes the values and keeps comments and formatting; null in broken JSON. */
export function configEdit(
  document: vscode.TextDocument,
  { batchSize, learningRate, gradientAccumulation }: NewValues,
): vscode.WorkspaceEdit | null {
  const text = document.getText();
  const written = valueAt(outlineConfig(text).value, ['training', 'gradientAccumulation']) ?? 1;
  const isAccumulationNew = gradientAccumulation !== undefined && gradientAccumulation !== written;
  const edits = setTrainingValues(text, {
    batchSize,
    ...(learningRate === null ? {} : { learningRate: roundLearningRate(learningRate) }),
    ...(isAccumulationNew && { gradientAccumulation }),
  });
  if (!edits) return null;
  const edit = new vscode.WorkspaceEdit();
  for (const each of edits) edit.replace(document.uri, rangeOf(document, each), each.content);
  return edit;
}

/**
 * Writes the values into the config and shows the changed lines: in the editor that has it already,
 * else in one that leaves the panel in sight. The focus stays where it is.
 * @returns false where its JSON is too broken to edit
 */
export async function applyValues(uri: vscode.Uri, values: NewValues): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = configEdit(document, values);
  if (edit === null || !(await vscode.workspace.applyEdit(edit))) return false;
  const written = outlineConfig(document.getText()).numbers.filter(
    ({ kind }) => kind === 'batchSize' || (kind === 'learningRate' && values.learningRate !== null),
  );
  const changed = written
    .map(({ range }) => rangeOf(document, range))
    .reduce<vscode.Range | null>((all, range) => all?.union(range) ?? range, null);
  const editor = await configEditor(document);
  if (changed) editor.revealRange(changed, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}

/** Writes what fixes a problem; nothing where that is not known. */
export async function applyFix(
  uri: vscode.Uri,
  { range, fix }: Pick<PlacedProblem, 'range' | 'fix'>,
): Promise<void> {
  if (!range || fix === null) return;
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, rangeOf(document, range), fix);
  await vscode.workspace.applyEdit(edit);
}

/** Brings a config to the front, beside the panel rather than over it, and gives it the focus. */
export async function showConfig(uri: vscode.Uri, selection?: vscode.Range): Promise<void> {
  const editor = await configEditor(await vscode.workspace.openTextDocument(uri));
  await vscode.window.showTextDocument(editor.document, {
    viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active,
    ...(selection ? { selection } : {}),
  });
}

/** An editor that shows the document, opened where no webview would be covered. */
async function configEditor(document: vscode.TextDocument): Promise<vscode.TextEditor> {
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  if (visible) return visible;
  const { all } = vscode.window.tabGroups;
  const shows = (tab: vscode.Tab) =>
    tab.input instanceof vscode.TabInputText &&
    tab.input.uri.toString() === document.uri.toString();
  const covers = (group: vscode.TabGroup) =>
    group.activeTab?.input instanceof vscode.TabInputWebview;
  const free = all.filter((group) => !covers(group));
  const group = free.find(({ tabs }) => tabs.some(shows)) ?? free[0];
  return vscode.window.showTextDocument(document, {
    viewColumn: group?.viewColumn ?? vscode.ViewColumn.Beside,
    preserveFocus: true,
    preview: false,
  });
}
