import * as vscode from 'vscode';
import type { installNativeRuntime } from '../tuner/nativeRuntime/install';
import { tellFailure } from './tellFailure';
import { textSetting } from './settings';
import { language, tell } from './translate';

/** The installer, loaded when the command is first used. */
type InstallNative = typeof installNativeRuntime;

let running: Promise<void> | null = null;

/**
 * **Install TensorFlow Native Runtime**: says what it will download and asks, shows progress that can
 * be cancelled, and shows the outcome. It runs no code of the workspace. A second call joins the first.
 */
export function installNative(install: InstallNative, log: vscode.LogOutputChannel): Promise<void> {
  running ??= run(install, log).finally(() => {
    running = null;
  });
  return running;
}

async function run(install: InstallNative, log: vscode.LogOutputChannel): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Installing the TensorFlow native runtime'),
    cancellable: true,
  };
  const outcome = await vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => {
      abort.abort();
    });
    let shown = 0;
    progress.report({ message: vscode.l10n.t('Checking this machine') });
    return install({
      nodePath: textSetting('nodePath'),
      mirror: textSetting('nativeRuntimeMirror'),
      language: language.tag,
      signal: abort.signal,
      confirm: (plan) => confirm(plan.map((sentence) => tell(sentence))),
      onProgress: (what, fraction) => {
        const percent = Math.round(fraction * 100);
        progress.report({ message: tell(what), increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      },
      log: (line) => {
        log.info(line);
      },
    });
  });
  switch (outcome.status) {
    case 'installed':
    case 'present': {
      const id = outcome.status === 'installed' ? 'nativeInstalled' : 'nativePresent';
      const { folder, libtensorflow } = outcome;
      void vscode.window.showInformationMessage(tell({ id, values: { folder, libtensorflow } }));
      return;
    }
    case 'failed':
      void tellFailure(outcome.problem, log);
      return;
    case 'declined':
    case 'cancelled':
      return;
  }
}

/** A modal question: the download is large, and a notification could be missed or time out. */
async function confirm(sentences: readonly string[]): Promise<boolean> {
  const install = vscode.l10n.t('Install');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t("Install TensorFlow's native library for training?"),
    { modal: true, detail: sentences.join('\n\n') },
    install,
  );
  return chosen === install;
}
