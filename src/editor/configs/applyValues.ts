import * as vscode from 'vscode';
import { setTrainingValues } from '../../config/editConfig';
import type { TextRange } from '../../config/jsonText';
import { roundLearningRate } from '../explain/suggestion';

/** What is written into a config; null leaves the learning rate as it is. */
export interface NewValues {
  readonly batchSize: number;
  readonly learningRate: number | null;
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
  { batchSize, learningRate }: NewValues,
): vscode.WorkspaceEdit | null {
  const edits = setTrainingValues(document.getText(), {
    batchSize,
    ...(learningRate === null ? {} : { learningRate: roundLearningRate(learningRate) }),
  });
  if (!edits) return null;
  const edit = new vscode.WorkspaceEdit();
  for (const each of edits) edit.replace(document.uri, rangeOf(document, each), each.content);
  return edit;
}

/** Opens the config and writes the values; false where its JSON is too broken to edit. */
export async function applyValues(uri: vscode.Uri, values: NewValues): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = configEdit(document, values);
  return edit !== null && (await vscode.workspace.applyEdit(edit));
}
