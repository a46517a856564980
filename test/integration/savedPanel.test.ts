import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { PanelModel } from '../../src/editor/webviews/panelModel';
import { SweepPanel } from '../../src/editor/webviews/sweepPanel';
import { workspaceFile } from './support';

/** What a page keeps comes back after a reload as it is: a page can keep anything. */
describe('a panel that VS Code brings back', () => {
  const inside = () => workspaceFile('batchwise.json').toString();

  /** The config that is selected of a page's state. */
  function selectedOf(state: unknown): string[] {
    const selected: string[] = [];
    const model = {
      onDidChange: () => new vscode.Disposable(() => undefined),
      selectConfig: (uri: string) => selected.push(uri),
    } as unknown as PanelModel;
    const panel = vscode.window.createWebviewPanel('batchwise.test', 'Test', vscode.ViewColumn.One);
    const sweepPanel = new SweepPanel(vscode.Uri.file(__dirname), model);
    try {
      sweepPanel.restore(panel, state);
    } finally {
      sweepPanel.dispose();
    }
    return selected;
  }

  it('shows the config of the workspace that it showed', () => {
    assert.deepEqual(selectedOf({ configUri: inside() }), [inside()]);
  });

  it('shows nothing else that its page may have kept', () => {
    const outside = vscode.Uri.file(path.resolve('/elsewhere/batchwise.json')).toString();
    const climbing = inside().replace('batchwise.json', '../../elsewhere/batchwise.json');
    const other = workspaceFile('package.json').toString();
    const foreign = inside().replace(/^[^:]+:/, 'https:');
    for (const configUri of [outside, climbing, other, foreign, 'batchwise.json', '', 7, null])
      assert.deepEqual(selectedOf({ configUri }), [], String(configUri));
    for (const state of [null, undefined, 'batchwise.json', [], { configUri: { path: inside() } }])
      assert.deepEqual(selectedOf(state), []);
  });
});
