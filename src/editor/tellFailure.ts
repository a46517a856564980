import * as vscode from 'vscode';
import type { Problem } from '../core/text/problem';
import { logLine, tellProblem } from './translate';

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
