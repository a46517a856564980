import * as vscode from 'vscode';
import { mainTraining } from '../createConfig/pythonConfig';
import type { NewValues } from '../configs/applyValues';
import { spanRange, type SiteDocuments } from './siteDocuments';
import { siteEdit, type SiteValues } from './siteEdit';

/**
 * Writes a batch size, and a learning rate where that is written down, where a script defines them:
 * a literal, a constant, an argument's default. Where it cannot, it says what to write.
 * Returns whether anything was written.
 */
export async function applyToScript(
  script: vscode.Uri,
  documents: SiteDocuments,
  { batchSize, learningRate }: NewValues,
): Promise<boolean> {
  const document = await openScript(script);
  const found = await documents.find(document);
  const training = await mainTraining(document, documents);
  const parts = training?.accumulation?.value ?? 1;
  // The result counts the samples of an update; the script names those of a batch.
  const size = batchSize / parts;
  const values: SiteValues = Number.isInteger(size) ? { batchSize: size } : {};
  const whole =
    learningRate === null || !found || !training
      ? null
      : siteEdit(found, { site: null, training }, { ...values, learningRate });
  const sizeOnly = found && training && siteEdit(found, { site: null, training }, values);
  const edit = values.batchSize === undefined ? null : (whole ?? sizeOnly);
  if (!edit || !(await vscode.workspace.applyEdit(edit))) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'The batch size could not be found in {script}. Set {size} samples for each update there.',
        { script: vscode.workspace.asRelativePath(script), size: batchSize },
      ),
    );
    return false;
  }
  if (!whole && learningRate !== null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'The batch size was written. The learning rate could not be found in {script}: set it to {rate}.',
        { script: vscode.workspace.asRelativePath(script), rate: learningRate },
      ),
    );
  }
  const site = training?.batchSize;
  const changed = site && found?.documentOf(site.range);
  if (!changed) return true;
  const editor = await vscode.window.showTextDocument(changed, {
    preserveFocus: true,
    preview: false,
  });
  const range = spanRange(changed, site.range);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}

/** A notebook is found through any of its cells. */
async function openScript(script: vscode.Uri): Promise<vscode.TextDocument> {
  if (!script.path.endsWith('.ipynb')) return vscode.workspace.openTextDocument(script);
  const notebook = await vscode.workspace.openNotebookDocument(script);
  const cell = notebook.getCells().find(({ kind }) => kind === vscode.NotebookCellKind.Code);
  return cell?.document ?? vscode.workspace.openTextDocument(script);
}
