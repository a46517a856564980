import * as vscode from 'vscode';
import { pageLanguage } from '../../protocol/pageLanguage';
import { isConfigName, rootOf } from '../configs/configFiles';
import { panelHtml } from './panelHtml';
import type { PanelModel } from './panelModel';
import { servePanel } from './panelServer';
import { webviewPort } from './webviewPort';

/**
 * The panel with a sweep's charts and recommendation: one at most, shown again rather than made
 * twice, and brought back by VS Code after a reload.
 */
export class SweepPanel implements vscode.Disposable {
  static readonly viewType = 'batchwise.panel';

  readonly #extensionUri: vscode.Uri;
  readonly #model: PanelModel;
  #panel: vscode.WebviewPanel | null = null;

  constructor(extensionUri: vscode.Uri, model: PanelModel) {
    this.#extensionUri = extensionUri;
    this.#model = model;
  }

  /** Takes over a panel that VS Code brought back, with the state its page kept. */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const configUri = savedConfigUri(state);
    if (configUri !== null) this.#model.selectConfig(configUri);
    // A second one can only come from another window's layout: it makes room.
    this.#panel?.dispose();
    this.#adopt(panel);
  }

  get visible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** Opens the panel beside the editor, or brings it to the front where it is. */
  show(preserveFocus = false): void {
    if (this.#panel) {
      this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    this.#adopt(
      vscode.window.createWebviewPanel(
        SweepPanel.viewType,
        vscode.l10n.t('Batch Size'),
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus },
        this.#options(),
      ),
    );
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #options(): vscode.WebviewOptions {
    return {
      enableScripts: true,
      localResourceRoots: [
        vscode.Uri.joinPath(this.#extensionUri, 'dist'),
        vscode.Uri.joinPath(this.#extensionUri, 'media'),
      ],
    };
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    void vscode.commands.executeCommand('setContext', 'batchwise.panelSeen', true);
    const { webview } = panel;
    webview.options = this.#options();
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.#extensionUri, 'media', 'panel-light.svg'),
      dark: vscode.Uri.joinPath(this.#extensionUri, 'media', 'panel-dark.svg'),
    };
    const server = servePanel(
      webviewPort(webview),
      this.#model,
      pageLanguage(vscode.env.language, vscode.l10n.bundle ?? null),
    );
    // A hidden webview is unloaded; when it is shown again its page requests its state again.
    const visibility = panel.onDidChangeViewState(() => {
      if (!panel.visible) server.pause();
    });
    panel.onDidDispose(() => {
      server.dispose();
      visibility.dispose();
      if (this.#panel === panel) this.#panel = null;
    });
    const resource = (name: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#extensionUri, 'dist', name)).toString();
    webview.html = panelHtml({
      title: panel.title,
      language: vscode.env.language,
      script: resource('webview.js'),
      style: resource('webview.css'),
      cspSource: webview.cspSource,
    });
  }
}

/**
 * The config that the webview kept with `setState` (webview/savedUi.ts). A page can keep any text: what
 * is no config of the workspace is not shown, and so not tuned.
 */
function savedConfigUri(state: unknown): string | null {
  if (typeof state !== 'object' || state === null || !('configUri' in state)) return null;
  const { configUri } = state;
  if (typeof configUri !== 'string' || !URL.canParse(configUri)) return null;
  // Joining resolves "..", which looks as if it lay in the folder that it leaves.
  const uri = vscode.Uri.joinPath(vscode.Uri.parse(configUri), '.');
  return isConfigName(uri.path) && rootOf(uri) !== undefined ? uri.toString() : null;
}
