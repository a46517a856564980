import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ourDiagnostics, tune, workspaceFile, writeWorkspaceFile } from './support';

const topology = {
  class_name: 'Sequential',
  config: {
    name: 'flowers',
    layers: [
      {
        class_name: 'Dense',
        config: { units: 3, activation: 'softmax', batch_input_shape: [null, 3] },
      },
    ],
  },
};

describe('making a config', function () {
  this.timeout(120_000);

  it('asks for model, data, label and loss, the likely answer first, and the result tunes', async () => {
    await writeWorkspaceFile('net.json', JSON.stringify(topology));
    const uri = workspaceFile('net.batchwise.json');
    const made = vscode.commands.executeCommand('batchwise.createConfig');
    const end = Date.now() + 60_000;
    // Enter on whatever question is open, as long as there is one.
    while (vscode.window.activeTextEditor?.document.uri.toString() !== uri.toString()) {
      assert.ok(Date.now() < end, 'no config after a minute');
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await pause(100);
    }
    const text = vscode.window.activeTextEditor.document.getText();
    assert.match(text, /"topology": "net\.json"/);
    assert.match(text, /"train": "flowers\.csv"/);
    assert.match(text, /"label": "kind"/);
    assert.match(text, /"loss": "categoricalCrossentropy"/);
    assert.match(text, /\/\/ The model/);
    assert.deepEqual(ourDiagnostics(uri), []);

    await vscode.commands.executeCommand('notifications.clearAll');
    await made;
    const outcome = tune(uri);
    await pause(0);
    assert.equal((await outcome).kind, 'done');
  });
});
