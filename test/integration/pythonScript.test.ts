import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import process from 'node:process';
import * as vscode from 'vscode';
import { eventually, openFile, tune, writeWorkspaceFile } from './support';

/** Plain PyTorch as people write it; its batches are far too small. */
const script = `import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=2)
parser.add_argument("--lr", type=float, default=0.01)
args = parser.parse_args()

torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(1024, 8)
loader = DataLoader(TensorDataset(x, x @ torch.randn(8, 1)), batch_size=args.batch_size, shuffle=True)
model = nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
for epoch in range(200):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
`;

const configBeside = (uri: vscode.Uri, name: string) => vscode.Uri.joinPath(uri, '..', name);
const isThere = (uri: vscode.Uri) => existsSync(uri.fsPath);

describe('a script that no config trains', function () {
  this.timeout(60_000);

  it('gets none by a command that only looks for one', async () => {
    const uri = await writeWorkspaceFile('unconfigured/train.py', script);
    await openFile(uri);
    let ended = false;
    const running = Promise.resolve(
      vscode.commands.executeCommand('batchwise.applyRecommendation'),
    ).finally(() => (ended = true));
    await eventually('the choice of a config is left', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return ended;
    });
    await running;
    assert.ok(!isThere(configBeside(uri, 'train.batchwise.json')));
  });

  it('gets one of another name where a config of its name trains something else', async () => {
    const other = '{ "model": { "topology": "m.json" }, "data": { "train": "rows.csv" } }';
    const taken = await writeWorkspaceFile('taken/train.batchwise.json', other);
    const uri = await writeWorkspaceFile('taken/train.py', 'import absent_framework\n');
    await openFile(uri);
    assert.equal((await tune(uri)).kind, 'failed');
    assert.equal((await vscode.workspace.openTextDocument(taken)).getText(), other);
    assert.ok(isThere(configBeside(uri, 'train-2.batchwise.json')));
  });
});

describe('a PyTorch script in the editor', function () {
  this.timeout(180_000);

  it('is tuned as it is, and the size is written where the script defines it', async function () {
    const python = process.env['BATCHWISE_TEST_PYTHON'];
    // Python or PyTorch could not be had.
    if (python === undefined || !existsSync(python)) this.skip();
    const settings = vscode.workspace.getConfiguration('batchwise');
    await settings.update('pythonPath', python, vscode.ConfigurationTarget.Workspace);
    const uri = await writeWorkspaceFile('torch/train.py', script);
    const config = vscode.Uri.joinPath(uri, '../train.batchwise.json');
    try {
      const document = await openFile(uri);
      const made = await tune(uri);
      assert.equal(made.kind, 'done');
      const recommended = made.result?.recommendation;
      assert.ok(recommended);
      assert.ok(recommended.batchSize > 2);
      await vscode.commands.executeCommand('batchwise.applyRecommendation', config);
      const size = `"--batch-size", type=int, default=${recommended.batchSize})`;
      assert.ok(document.getText().includes(size), document.getText());
      const rate = /"--lr", type=float, default=([\d.e-]+)\)/.exec(document.getText())?.[1];
      // Written as people write rates: with three digits.
      assert.ok(Math.abs(Number(rate) / recommended.learningRate - 1) < 0.01, rate);
      assert.ok(document.isDirty, 'it was saved');
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), script);
      await document.save();

      // Of a script that reads its settings from a file, that file is written.
      const loads = 'import yaml\nsettings = yaml.safe_load(open("settings.yaml"))\n';
      const other = await writeWorkspaceFile('yaml/train.py', loads);
      const yaml = await writeWorkspaceFile(
        'yaml/settings.yaml',
        'training:\n  batch_size: 2 # far too small\n  learning_rate: 0.01\n',
      );
      const its = await writeWorkspaceFile(
        'yaml/train.batchwise.json',
        '{ "trainer": { "python": "train.py" } }',
      );
      const from = vscode.Uri.joinPath(uri, '../.batchwise/train.batchwise/latest.json');
      const to = vscode.Uri.joinPath(other, '../.batchwise/train.batchwise/latest.json');
      await vscode.workspace.fs.copy(from, to);
      await vscode.commands.executeCommand('batchwise.applyRecommendation', its);
      const written = await vscode.workspace.openTextDocument(yaml);
      assert.ok(
        written.getText().includes(`batch_size: ${recommended.batchSize} # far too small`),
        written.getText(),
      );
      await written.save();
    } finally {
      await settings.update('pythonPath', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
