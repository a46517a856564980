import path from 'node:path';
import * as vscode from 'vscode';
import { doctorSections, type DoctorReport } from '../core/sweep/doctorReport';
import { messages } from '../core/text/messages';
import type { examine } from '../tuner/doctor';
import { configInView, rootOf } from './configs/configFiles';
import { language } from './translate';

/** The examination, loaded when the command is first used. */
export type Examine = typeof examine;

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
    };
    const report = await vscode.window.withProgress(options, () =>
      this.#examineMachine({
        trainer: {
          workerFile: this.#workerFile,
          nodePath:
            vscode.workspace.getConfiguration('batchwise').get<string>('nodePath', '').trim() ||
            null,
        },
        workspace: workspaceInView(),
      }),
    );
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
  const say: Parameters<typeof doctorSections>[1] = (id, values = {}) =>
    language.t(messages[id], { ...values });
  const sections = doctorSections(report, say, language.tag).map(
    ({ title, lines }) =>
      `## ${escaped(title)}\n\n${lines.map((line) => `- ${escaped(line)}\n`).join('')}`,
  );
  return `# ${escaped(say('doctorTitle'))}\n\n${sections.join('\n')}`;
}

/** Names of devices and paths are text, whatever characters they hold. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
