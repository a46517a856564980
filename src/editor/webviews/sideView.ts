import * as vscode from 'vscode';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import { serve } from '../../protocol/channel';
import { sideContract, type SideSnapshot, type Subject } from '../../protocol/side';
import { panelHtml } from './panelHtml';
import { webviewPort } from './webviewPort';

/** What the side view shows, less what it knows itself. */
type SideState = Omit<SideSnapshot, 'strings' | 'language'>;

/** All that the side view asks of the extension; the composition root gives it. */
export interface SideViewModel {
  /** Nothing is followed while the view is hidden. */
  setVisible(visible: boolean): void;
  state(): Promise<SideState>;
  readonly onDidChange: vscode.Event<
    | { readonly type: 'snapshot'; readonly state: SideState }
    | { readonly type: 'subject'; readonly subject: Subject | null }
    | { readonly type: 'sweepEvents'; readonly events: readonly SweepEvent[] }
  >;
  tune(): Promise<void>;
  manageTrust(): Promise<void>;
  showResults(): Promise<void>;
}

/** Fills the view in the secondary side bar. */
export function resolveSideView(
  view: vscode.WebviewView,
  extensionUri: vscode.Uri,
  model: SideViewModel,
): void {
  const { webview } = view;
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  const words = { strings: vscode.l10n.bundle ?? null, language: vscode.env.language };
  let hydrated = false;
  const answered = (act: () => Promise<void>) => async () => {
    await act();
    return {};
  };
  const server = serve(webviewPort(webview), sideContract, {
    ready: async () => {
      model.setVisible(view.visible);
      const state = await model.state();
      hydrated = true;
      return { ...state, ...words };
    },
    tune: answered(() => model.tune()),
    manageTrust: answered(() => model.manageTrust()),
    showResults: answered(() => model.showResults()),
  });
  const changes = model.onDidChange((change) => {
    if (!hydrated) return;
    if (change.type === 'sweepEvents') server.emit('sweepEvents', { events: [...change.events] });
    else if (change.type === 'subject') server.emit('subject', { subject: change.subject });
    else server.emit('snapshot', { ...change.state, ...words });
  });
  // A hidden view's page is unloaded; when shown again it asks anew.
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
