import path from 'node:path';
import * as vscode from 'vscode';
import { doctorSections, type DoctorReport } from '../core/sweep/doctorReport';
import type { examine } from '../tuner/doctor';
import { configInView, rootOf } from './configs/configFiles';
import { textSetting } from './settings';
import { spoken } from './translate';

/** The examination, loaded when the command is first used. */
type Examine = typeof examine;

const scheme = 'batchwise-doctor';

/** **Doctor**: what this machine can train on, as a read-only Markdown document. */
export class Doctor implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #examineMachine: Examine;
  readonly #workerFile: string;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  #text = '';
  #running: Promise<string> | null = null;

  constructor(examineMachine: Examine, workerFile: string) {
    this.#examineMachine = examineMachine;
    this.#workerFile = workerFile;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  /** Examines and shows; a second call joins the first. Resolves to the document's text. */
  show(): Promise<string> {
    this.#running ??= this.#examine().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #examine(): Promise<string> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Trying each backend on this machine'),
      cancellable: true,
    };
    const abort = new AbortController();
    const report = await vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => {
        abort.abort();
      });
      return this.#examineMachine({
        trainer: {
          workerFile: this.#workerFile,
          nodePath: textSetting('nodePath'),
        },
        workspace: workspaceInView(),
        signal: abort.signal,
      });
    });
    if (abort.signal.aborted) return this.#text;
    this.#text = markdown(report);
    const uri = vscode.Uri.from({ scheme, path: '/Batchwise Doctor.md' });
    this.#changed.fire(uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } catch {
      // VS Code's own Markdown extension can be disabled.
      await vscode.window.showTextDocument(uri, { preview: true });
    }
    return this.#text;
  }
}

/** Where packages would be looked for; a workspace that is not trusted brings no engine. */
function workspaceInView() {
  if (!vscode.workspace.isTrusted) return null;
  const config = configInView();
  if (config) {
    return { configFile: config.fsPath, root: rootOf(config) ?? path.dirname(config.fsPath) };
  }
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  if (!folder) return null;
  const configFile = vscode.Uri.joinPath(folder.uri, 'batchwise.json').fsPath;
  return { configFile, root: folder.uri.fsPath };
}

function markdown(report: DoctorReport): string {
  const { say, tag } = spoken;
  const sections = doctorSections(report, say, tag).map(
    ({ title, lines }) =>
      `## ${escaped(title)}\n\n${lines.map((line) => `- ${escaped(line)}\n`).join('')}`,
  );
  return `# ${escaped(say('doctorTitle'))}\n\n${sections.join('\n')}`;
}

/** Names of devices and paths are text, whatever characters they hold. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
