import * as vscode from 'vscode';
import { causeOf } from '../core/text/errorText';

/**
 * Notifications: one sentence, and what can be done about it. The extension's entry loads this file, so
 * it brings no message templates along: those are in tellFailure.ts.
 */

/** Shows an unexpected error; the details are in the log. */
export async function tellUnexpected(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.error(error instanceof Error ? error : new Error(String(error)));
  const showLog = vscode.l10n.t('Show Log');
  const cause = causeOf(error).split('\n')[0] ?? '';
  const chosen = await vscode.window.showErrorMessage(
    vscode.l10n.t('Batchwise ran into an unexpected error: {cause}', { cause }),
    showLog,
  );
  if (chosen === showLog) log.show();
}

/** Does what a person asked for; an unexpected error is shown, and the result is undefined. */
export async function guarded<T>(
  act: () => Promise<T>,
  log: vscode.LogOutputChannel,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    void tellUnexpected(error, log);
    return undefined;
  }
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
