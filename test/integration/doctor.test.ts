import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './support';

describe('Doctor', () => {
  it('shows what this machine can train on, as a document nobody can edit', async () => {
    const text = await vscode.commands.executeCommand<string>('batchwise.doctor');
    assert.match(text, /^# Batchwise: Doctor$/m);
    assert.match(text, /^- wasm: usable: .+/m);
    assert.match(text, /^- cpu: usable: .+/m);
    assert.match(text, /^- (webgpu|tensorflow): (not usable: \S.{20,}|usable: .+)/m);
    const [, chosen = ''] = /^## Chosen by "auto"\n\n- (\w+), on .+/m.exec(text) ?? [];
    assert.ok(['webgpu', 'tensorflow', 'wasm'].includes(chosen), text);
    await eventually('the document', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label.includes('Batchwise Doctor')),
    );
  });
});
