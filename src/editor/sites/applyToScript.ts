import * as vscode from 'vscode';
import { mainTraining } from '../createConfig/pythonConfig';
import type { NewValues } from '../configs/applyValues';
import { spanRange, type SiteDocuments } from './siteDocuments';
import { siteEdit } from './siteEdit';

/**
 * Writes a batch size, and a learning rate where that is written down, where a script defines them:
 * a literal, a constant, an argument's default, a settings file that it loads. Where it cannot, it
 * says what to write. Returns whether anything was written.
 */
export async function applyToScript(
  script: vscode.Uri,
  documents: SiteDocuments,
  wanted: NewValues,
): Promise<boolean> {
  const document = await openScript(script);
  for (const each of [document, ...(await settingsOf(document, script))]) {
    const written = await writeIn(each, documents, wanted);
    if (!written) continue;
    if (!written.hasRate && wanted.learningRate !== null) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'The batch size was written. The learning rate could not be found in {script}: set it to {rate}.',
          { script: vscode.workspace.asRelativePath(each.uri), rate: wanted.learningRate },
        ),
      );
    }
    const editor = await vscode.window.showTextDocument(written.document, {
      preserveFocus: true,
      preview: false,
    });
    editor.revealRange(written.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
  }
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The batch size could not be found in {script}. Set {size} samples for each update there.',
      { script: vscode.workspace.asRelativePath(script), size: wanted.batchSize },
    ),
  );
  return false;
}

interface Written {
  readonly document: vscode.TextDocument;
  readonly range: vscode.Range;
  readonly hasRate: boolean;
}

/** Null where the document does not define the batch size. */
async function writeIn(
  document: vscode.TextDocument,
  documents: SiteDocuments,
  { batchSize, learningRate }: NewValues,
): Promise<Written | null> {
  const found = await documents.find(document);
  const training = await mainTraining(document, documents);
  const site = training?.batchSize;
  const changed = site && found?.documentOf(site.range);
  // The result counts the samples of an update; the script names those of a batch.
  const size = batchSize / (training?.accumulation?.value ?? 1);
  if (!found || !changed || !Number.isInteger(size)) return null;
  const target = { site: null, training };
  const whole =
    learningRate === null ? null : siteEdit(found, target, { batchSize: size, learningRate });
  const edit = whole ?? siteEdit(found, target, { batchSize: size });
  const range = spanRange(changed, site.range);
  if (!edit || !(await vscode.workspace.applyEdit(edit))) return null;
  return { document: changed, range, hasRate: whole !== null };
}

const mostSettings = 8;

/** The settings files that a script names, such as `yaml.safe_load(open("config.yaml"))` does. */
async function settingsOf(
  document: vscode.TextDocument,
  script: vscode.Uri,
): Promise<vscode.TextDocument[]> {
  const text = document.getText();
  const named = [...text.matchAll(/(["'])([^"'\n]{1,200}\.(?:ya?ml|toml|json))\1/g)];
  // https://hydra.cc/docs/advanced/hydra-command-line-flags: a folder and a name without its ending.
  const hydraFolder = /\bconfig_path\s*=\s*["']([^"'\n]{1,200})["']/.exec(text)?.[1] ?? '.';
  const hydra = [...text.matchAll(/\bconfig_name\s*=\s*["']([^"'.\n]{1,200})["']/g)];
  const names = [
    ...named.map(([, , name = '']) => name),
    ...hydra.map(([, name = '']) => `${hydraFolder}/${name}.yaml`),
  ].slice(0, mostSettings);
  const folder = vscode.workspace.getWorkspaceFolder(script);
  const bases = [vscode.Uri.joinPath(script, '..'), ...(folder ? [folder.uri] : [])];
  const found = new Map<string, vscode.TextDocument>();
  for (const uri of names.flatMap((name) => bases.map((base) => vscode.Uri.joinPath(base, name)))) {
    if (!vscode.workspace.getWorkspaceFolder(uri)) continue;
    try {
      await vscode.workspace.fs.stat(uri);
      found.set(uri.toString(), await vscode.workspace.openTextDocument(uri));
    } catch {
      // It is made by the script, or lies elsewhere.
    }
  }
  return [...found.values()];
}

/** A notebook is found through any of its cells. */
async function openScript(script: vscode.Uri): Promise<vscode.TextDocument> {
  if (!script.path.endsWith('.ipynb')) return vscode.workspace.openTextDocument(script);
  const notebook = await vscode.workspace.openNotebookDocument(script);
  const cell = notebook.getCells().find(({ kind }) => kind === vscode.NotebookCellKind.Code);
  return cell?.document ?? vscode.workspace.openTextDocument(script);
}
