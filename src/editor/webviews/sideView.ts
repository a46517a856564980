import * as vscode from 'vscode';
import { serve } from '../../protocol/channel';
import { pageLanguage } from '../../protocol/pageLanguage';
import { sideContract } from '../../protocol/side';
import { panelHtml } from './panelHtml';
import type { SideViewModel } from './sideModel';
import { webviewPort } from './webviewPort';

/** Fills the view in the secondary side bar. */
export function resolveSideView(
  view: vscode.WebviewView,
  extensionUri: vscode.Uri,
  model: SideViewModel,
): void {
  const { webview } = view;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  let hydrated = false;
  const answered = (act: () => Promise<void>) => async () => {
    await act();
    return {};
  };
  const server = serve(webviewPort(webview), sideContract, {
    ready: async () => {
      model.setVisible(view.visible);
      const snapshot = await model.state();
      hydrated = true;
      return {
        snapshot,
        language: pageLanguage(vscode.env.language, vscode.l10n.bundle ?? null),
      };
    },
    tune: answered(() => model.tune()),
    manageTrust: answered(() => model.manageTrust()),
    showResults: answered(() => model.showResults()),
  });
  const changes = model.onDidChange((change) => {
    if (!hydrated) return;
    if (change.type === 'sweepEvents') server.emit('sweepEvents', { events: [...change.events] });
    else if (change.type === 'subject') {
      const { subject, notice } = change;
      server.emit('subject', { subject, notice });
    } else server.emit('snapshot', change.state);
  });
  // A hidden view's page is unloaded; when shown again it requests its state again.
  const visibility = view.onDidChangeVisibility(() => {
    if (!view.visible) hydrated = false;
    model.setVisible(view.visible);
  });
  view.onDidDispose(() => {
    model.setVisible(false);
    changes.dispose();
    visibility.dispose();
    server.dispose();
  });
  const resource = (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  webview.html = panelHtml({
    title: vscode.l10n.t('Batch Size'),
    language: vscode.env.language,
    script: resource('side.js'),
    style: resource('side.css'),
    cspSource: webview.cspSource,
  });
}
