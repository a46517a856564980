import * as vscode from 'vscode';
import type { Problem } from '../core/text/problem';
import { logLine, tellProblem } from './translate';

/** Notifications: one sentence, and what can be done about it. */

/** Tells a problem: with its place it offers to go there, else to read the log. */
export async function tellFailure(problem: Problem, log: vscode.LogOutputChannel): Promise<void> {
  log.error(logLine(problem));
  const { place } = problem;
  const open = vscode.l10n.t('Open File');
  const showLog = vscode.l10n.t('Show Log');
  const actions = place ? [open, showLog] : [showLog];
  const chosen = await vscode.window.showErrorMessage(tellProblem(problem), ...actions);
  if (chosen === showLog) log.show();
  if (chosen === open && place) {
    const start = new vscode.Position((place.line ?? 1) - 1, (place.column ?? 1) - 1);
    await vscode.window.showTextDocument(vscode.Uri.file(place.file), {
      selection: new vscode.Range(start, start),
    });
  }
}

/** Tells what broke without being foreseen; the details are in the log. */
export async function tellUnexpected(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.error(error instanceof Error ? error : new Error(String(error)));
  const showLog = vscode.l10n.t('Show Log');
  const cause = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const chosen = await vscode.window.showErrorMessage(
    vscode.l10n.t('Batchwise could not do that: {cause}', { cause }),
    showLog,
  );
  if (chosen === showLog) log.show();
}

/** Says why tuning needs trust and offers to give it. */
export async function offerTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Trust');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Tuning trains your model, which can run code of this workspace. Trust the workspace to tune.',
    ),
    manage,
  );
  if (chosen) await manageTrust();
}

export async function manageTrust(): Promise<void> {
  await vscode.commands.executeCommand('workbench.trust.manage');
}
