import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, openFile, ourDiagnostics, writeWorkspaceFile } from './support';

describe('mistakes in source files', () => {
  const pytorch = (size: number, samples: number) =>
    [
      'import torch',
      'from torch import nn',
      'from torch.utils.data import DataLoader, TensorDataset',
      `data = TensorDataset(torch.randn(${samples}, 8), torch.randn(${samples}, 1))`,
      'net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Linear(16, 1))',
      `loader = DataLoader(data, batch_size=${size}, shuffle=True)`,
      'optimizer = torch.optim.SGD(net.parameters(), lr=0.1)',
      'for epoch in range(3):',
      '    for x, y in loader:',
      '        loss = nn.functional.mse_loss(net(x), y)',
      '        loss.backward()',
      '        optimizer.step()',
      '',
    ].join('\n');

  async function marked(name: string, text: string) {
    const document = await openFile(await writeWorkspaceFile(name, text));
    const [found] = await eventually('a diagnostic', () => {
      const all = ourDiagnostics(document.uri);
      return all.length > 0 && all;
    });
    assert.ok(found);
    const { code } = found;
    assert.ok(typeof code === 'object');
    assert.match(code.target.path, /docs\/diagnostics\.md$/);
    const linked = await vscode.workspace.openTextDocument(code.target.with({ fragment: '' }));
    const line = Number(code.target.fragment.slice(1)) - 1;
    assert.equal(linked.lineAt(line).text, `## ${code.value}`);
    return { document, found, code: code.value };
  }

  async function fixed(document: vscode.TextDocument, found: vscode.Diagnostic, title: RegExp) {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find((action) => title.test(action.title));
    assert.ok(fix?.edit, `no ${String(title)} among ${actions.map((a) => a.title).join('; ')}`);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await eventually('no diagnostic', () => ourDiagnostics(document.uri).length === 0);
    await document.save();
  }

  it('a batch larger than the data set', async () => {
    const { document, found, code } = await marked('src/large.py', pytorch(512, 100));
    assert.equal(code, 'batchSizeAboveDataset');
    assert.equal(document.getText(found.range), '512');
    await fixed(document, found, /^Use batch size 64 \(fits 100 samples\)/);
  });

  it('a last batch of one sample under batch normalization, unless it is dropped', async () => {
    const { document, found, code } = await marked('src/one.py', pytorch(50, 1001));
    assert.equal(code, 'lastBatchOfOne');
    await fixed(document, found, /^Use batch size \d+ \(last batch of/);
    const dropped = await marked('src/dropped.py', pytorch(50, 1001));
    const edit = new vscode.WorkspaceEdit();
    const end = dropped.document.positionAt(dropped.document.getText().indexOf(', shuffle'));
    edit.insert(dropped.document.uri, end, ', drop_last=True');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await eventually('no mark', () => ourDiagnostics(dropped.document.uri).length === 0);
  });

  it('a last batch of one sample that is dropped by a quick fix, in one undo step', async () => {
    const before = pytorch(50, 1001);
    const { document, found } = await marked('src/drops.py', before);
    await fixed(document, found, /^Drop the last batch \(drop_last=True\)$/);
    assert.match(document.getText(), /batch_size=50.*, drop_last=True\)/);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  });

  it('an update that its microbatches cannot make', async () => {
    const sizes = (update: number) =>
      JSON.stringify(
        {
          train_batch_size: update,
          train_micro_batch_size_per_gpu: 6,
          gradient_accumulation_steps: 4,
          zero_optimization: { stage: 2 },
        },
        null,
        2,
      );
    const { document, found, code } = await marked('src/zero.json', sizes(100));
    assert.equal(code, 'sizesContradict');
    assert.equal(document.getText(found.range), '100');
    assert.match(found.message, /no multiple of 6 × 4/);
    await fixed(document, found, /^Use 96 for the whole update$/);
    assert.equal(document.getText(), sizes(96));
  });

  it('a config that says another size, mended on either side', async () => {
    const config = await writeWorkspaceFile(
      'src/one.batchwise.json',
      '{ "model": { "topology": "m.json" }, "data": { "train": "rows.csv", "label": "y" },\n  "training": { "batchSize": 20 }, "sources": ["agrees.py"] }',
    );
    const { document, found, code } = await marked('src/agrees.py', pytorch(40, 1000));
    assert.equal(code, 'configDisagrees');
    assert.equal(found.severity, vscode.DiagnosticSeverity.Hint);
    await fixed(document, found, /^Write batch size 40 into/);
    const text = (await vscode.workspace.openTextDocument(config)).getText();
    assert.match(text, /"batchSize": 40/);
  });
});
