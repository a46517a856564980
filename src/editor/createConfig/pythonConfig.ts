import path from 'node:path';
import * as vscode from 'vscode';
import type { Training } from '../../languages/site';
import { freeConfigUri } from '../configs/configFiles';
import { outlineConfig, stringAt } from '../configs/configDocument';
import { textSetting } from '../settings';
import { fileOf, notebookOf, type SiteDocuments } from '../sites/siteDocuments';

/** The Python script or notebook in the active editor; null where it is another file, or not saved. */
export function pythonInView(): vscode.TextDocument | null {
  const cell = vscode.window.activeNotebookEditor?.notebook.getCells()[0]?.document;
  const document = vscode.window.activeTextEditor?.document ?? cell;
  if (!document) return null;
  const notebook = notebookOf(document);
  const isPython = notebook
    ? notebook.uri.path.endsWith('.ipynb')
    : document.languageId === 'python';
  return isPython && fileOf(document)?.scheme === 'file' ? document : null;
}

/** The script that a config trains; null for a config with a model of its own. */
export async function scriptOf(config: vscode.Uri): Promise<vscode.Uri | null> {
  const document = await vscode.workspace.openTextDocument(config);
  const written = stringAt(outlineConfig(document.getText()).value, 'trainer', 'python');
  return written === null ? null : vscode.Uri.joinPath(config, '..', written);
}

/**
 * Writes a config beside a script that trains it as it is, and shows what was found in the script.
 * Nothing of Python is started.
 */
export async function createPythonConfig(
  document: vscode.TextDocument,
  documents: SiteDocuments,
): Promise<vscode.Uri | null> {
  const script = fileOf(document);
  if (!script) return null;
  const name = path.basename(script.fsPath);
  const folder = vscode.Uri.joinPath(script, '..');
  const uri = await freeConfigUri(folder, path.basename(name, path.extname(name)));
  const training = await mainTraining(document, documents);
  const epochs = training?.epochs?.value ?? null;
  const config = {
    trainer: { python: name },
    ...(epochs === null ? {} : { training: { epochs } }),
    tuning: { objective: 'time', budget: '5 min' },
    sources: [name],
  };
  const body = JSON.stringify(config, null, 2).replace(
    '  "trainer"',
    `  // ${vscode.l10n.t('This script runs unchanged. Put its arguments into "args".')}\n  "trainer"`,
  );
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${body}\n`));
  const interpreter = await pythonOfEditor(uri);
  void vscode.window.showInformationMessage(
    [
      vscode.l10n.t('{config} was created for {script}.', {
        config: path.basename(uri.fsPath),
        script: name,
      }),
      whatWasFound(training),
      interpreter === null ? '' : vscode.l10n.t('It runs on {interpreter}.', { interpreter }),
    ]
      .filter(Boolean)
      .join(' '),
  );
  return uri;
}

/** The training of a document whose batch size is known, else its first. */
export async function mainTraining(
  document: vscode.TextDocument,
  documents: SiteDocuments,
): Promise<Training | null> {
  const found = await documents.find(document);
  const trainings = found?.findings.trainings ?? [];
  return trainings.find(({ batchSize }) => batchSize !== null) ?? trainings[0] ?? null;
}

function whatWasFound(training: Training | null): string {
  const batchSize = training?.batchSize?.value ?? null;
  const learningRate = training?.learningRate?.value ?? null;
  if (batchSize === null) return '';
  return learningRate === null
    ? vscode.l10n.t('Found: batch size {batchSize}.', { batchSize })
    : vscode.l10n.t('Found: batch size {batchSize}, learning rate {learningRate}.', {
        batchSize,
        learningRate,
      });
}

interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/**
 * The interpreter of the person's setting, else the one that the Python extension has selected; null
 * where neither says. In Restricted Mode there is no question.
 */
export async function pythonOfEditor(resource: vscode.Uri): Promise<string | null> {
  if (!vscode.workspace.isTrusted) return null;
  const setting = textSetting('pythonPath', resource);
  if (setting !== null) return setting;
  const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
  if (!extension) return null;
  try {
    const { environments } = await extension.activate();
    if (!environments) return null;
    const active = environments.getActiveEnvironmentPath(resource);
    const resolved = await environments.resolveEnvironment(active);
    return resolved?.executable.uri?.fsPath ?? null;
  } catch {
    // Another version of its API: the interpreter is looked for as without the extension.
    return null;
  }
}
