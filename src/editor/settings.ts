import * as vscode from 'vscode';

/** A text of the settings as the person wrote it; null where there is none. */
export function textSetting(
  name: 'nodePath' | 'pythonPath' | 'nativeRuntimeMirror',
  resource?: vscode.Uri,
): string | null {
  const settings = vscode.workspace.getConfiguration('batchwise', resource);
  return settings.get<string>(name, '').trim() || null;
}

/** Whether a feature is switched on for a document. */
export function isEnabled(
  feature: 'hover' | 'codeLens' | 'inlayHints',
  document: vscode.TextDocument,
): boolean {
  const settings = vscode.workspace.getConfiguration(`batchwise.${feature}`, document);
  return settings.get<boolean>('enabled', feature !== 'inlayHints');
}
