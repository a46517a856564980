import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  codeActionsAt,
  deriveConfig,
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  ourDiagnostics,
  positionOf,
  tune,
  workspaceFile,
  writeWorkspaceFile,
} from './support';

const titles = async (document: vscode.TextDocument, text: string) =>
  (await codeActionsAt(document, text)).map(({ title }) => title);

/** Applies the action whose title matches, and gives the document's text after it. */
async function applyAction(document: vscode.TextDocument, text: string, title: RegExp) {
  const actions = await codeActionsAt(document, text);
  const action = actions.find((each) => title.test(each.title));
  assert.ok(action?.edit, `no ${String(title)} among ${actions.map((a) => a.title).join('; ')}`);
  assert.ok(await vscode.workspace.applyEdit(action.edit));
  return document.getText();
}

const keras = [
  '# 学習スクリプト',
  'import numpy as np',
  'from tensorflow import keras',
  'BATCH_SIZE = 100',
  'x = np.zeros((1030, 28, 28, 1))',
  'y = np.zeros((1030,))',
  'model = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.Flatten(), keras.layers.Dense(10)])',
  'model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss="mse")',
  'model.fit(x, y, batch_size=BATCH_SIZE, epochs=5)',
  '',
].join('\r\n');

describe('batch sizes in source files', () => {
  it('are explained in Python, with the samples that the file tells', async () => {
    const document = await openFile(await writeWorkspaceFile('src/train.py', keras));
    const hover = await hoverAt(document, '100');
    assert.match(hover, /\*\*Batchwise\*\*: batch size 100/);
    assert.match(hover, /1,030 training samples at 100 are \*\*11 iterations\*\*/);
    assert.match(hover, /The last batch is partial: 30 samples/);
    assert.match(hover, /5 epochs are 55 updates/);
    assert.match(hover, /A convolutional model: `keras\.layers\.Conv2D` \(line 7\)/);
    assert.match(hover, /Rule of thumb, not a measurement.*arxiv\.org/);
    assert.match(await hoverAt(document, 'batch_size=BATCH'), /11 iterations/);
    assert.match(await hoverAt(document, '0.001'), /learning rate 0\.001/);
    assert.equal(await hoverAt(document, 'Flatten'), '');
  });

  it('have a lens over the call, which the setting turns off', async () => {
    const document = await openFile(workspaceFile('src/train.py'));
    assert.deepEqual(await lensTitles(document), ['Tune batch size · 11 iterations/epoch']);
    const settings = vscode.workspace.getConfiguration('batchwise');
    await settings.update('codeLens.enabled', false, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await lensTitles(document), []);
    } finally {
      await settings.update('codeLens.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('show inlay hints once they are asked for', async () => {
    const document = await openFile(workspaceFile('src/train.py'));
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = async () =>
      (
        await vscode.commands.executeCommand<vscode.InlayHint[]>(
          'vscode.executeInlayHintProvider',
          document.uri,
          whole,
        )
      ).map(({ label }) => label);
    assert.deepEqual(await hints(), []);
    const settings = vscode.workspace.getConfiguration('batchwise');
    await settings.update('inlayHints.enabled', true, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await hints(), ['11 iterations/epoch', '55 updates']);
    } finally {
      await settings.update('inlayHints.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('are changed where the constant is defined, in one undo step', async () => {
    const document = await openFile(workspaceFile('src/train.py'));
    const offered = await titles(document, 'batch_size=BATCH');
    assert.ok(offered.includes('Use batch size 64 (rule of thumb for convolutional models)'));
    assert.ok(offered.includes('Tune this model…'));
    const text = await applyAction(document, 'batch_size=BATCH', /^Use batch size 64.*rate to/);
    assert.equal(
      text,
      keras.replace('BATCH_SIZE = 100', 'BATCH_SIZE = 64').replace('0.001', '0.0008'),
    );
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), keras);
  });

  it('follow an edit', async () => {
    const document = await openFile(workspaceFile('src/train.py'));
    const edit = new vscode.WorkspaceEdit();
    const at = positionOf(document, '100').translate(0, -1);
    edit.replace(document.uri, new vscode.Range(at, at.translate(0, 3)), '206');
    await vscode.workspace.applyEdit(edit);
    assert.match(await hoverAt(document, '206'), /\*\*5 iterations\*\*/);
    assert.match(await hoverAt(document, '206'), /All batches are full/);
    await vscode.commands.executeCommand('undo');
    await document.save();
  });

  it('are explained in unsaved JavaScript, TypeScript and YAML', async () => {
    const script = [
      "import * as tf from '@tensorflow/tfjs';",
      '// batchwise: samples=60_000',
      'const model = tf.sequential({ layers: [tf.layers.lstm({ units: 8 })] });',
      "model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });",
      'await model.fit(xs, ys, { batchSize: 128, epochs: 3 });',
    ].join('\n');
    for (const language of ['javascript', 'typescript', 'javascriptreact', 'typescriptreact']) {
      const document = await vscode.workspace.openTextDocument({ language, content: script });
      const hover = await hoverAt(document, 'batchSize');
      assert.match(hover, /\*\*469 iterations\*\*/, language);
      assert.match(hover, /A recurrent model/, language);
      assert.ok(
        (await titles(document, '128')).includes(
          'Use batch size 32 (rule of thumb for recurrent models)',
        ),
      );
      assert.deepEqual(await lensTitles(document), ['Tune batch size · 469 iterations/epoch']);
    }
    const yaml = await vscode.workspace.openTextDocument({
      language: 'yaml',
      content: 'model: resnet\nlearning_rate: 0.1\nepochs: 90\nbatch_size: 256\n',
    });
    const hover = await hoverAt(yaml, '256');
    assert.match(hover, /Batchwise/);
    assert.match(hover, /batchwise: samples=60000/);
    const database = await vscode.workspace.openTextDocument({
      language: 'yaml',
      content: 'database:\n  host: localhost\n  batch_size: 256\n',
    });
    assert.equal(await hoverAt(database, '256'), '');
    assert.deepEqual(await codeActionsAt(database, '256'), []);
  });

  it('write accumulation where the library takes it', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content:
        'from transformers import TrainingArguments, Trainer\n' +
        'args = TrainingArguments(output_dir="o", per_device_train_batch_size=16, gradient_accumulation_steps=2)\n' +
        'Trainer(model=m, args=args, train_dataset=d).train()\n',
    });
    assert.match(await hoverAt(document, 'per_device'), /effective batch size is 32/);
    const text = await applyAction(document, '=16', /accumulate 4 batches/);
    assert.match(text, /per_device_train_batch_size=8, gradient_accumulation_steps=4/);
  });

  it('stay quiet on the sides of a diff', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('git-like', {
      provideTextDocumentContent: () => keras,
    });
    try {
      const document = await vscode.workspace.openTextDocument(
        vscode.Uri.parse('git-like:/src/train.py'),
      );
      assert.equal(document.languageId, 'python');
      assert.equal(await hoverAt(document, '100'), '');
    } finally {
      provider.dispose();
    }
  });
});

describe('batch sizes in notebooks', () => {
  it('know the constants of earlier cells', async () => {
    const { NotebookCellKind, NotebookCellData, NotebookData } = vscode;
    const code = (text: string) => new NotebookCellData(NotebookCellKind.Code, text, 'python');
    const notebook = await vscode.workspace.openNotebookDocument(
      'jupyter-notebook',
      new NotebookData([
        new NotebookCellData(NotebookCellKind.Markup, '# MNIST', 'markdown'),
        code('from tensorflow import keras\nBATCH = 128  # batchwise: samples=60000'),
        code('model = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.Dense(10)])'),
        code('model.fit(x, y, batch_size=BATCH, epochs=2)'),
      ]),
    );
    await vscode.window.showNotebookDocument(notebook);
    const last = notebook.cellAt(3).document;
    const hover = await hoverAt(last, 'batch_size');
    assert.match(hover, /\*\*469 iterations\*\*/);
    assert.match(hover, /2 epochs are 938 updates/);
    assert.match(hover, /`keras\.layers\.Conv2D` \(cell 3\)/);
    await applyAction(last, 'batch_size', /^Use batch size 64 \(rule/);
    assert.match(notebook.cellAt(1).document.getText(), /BATCH = 64 {2}#/);
    await eventually('the new size', async () =>
      (await hoverAt(last, 'batch_size')).includes('938 iterations'),
    );
  });
});

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

describe('measurements in source files', function () {
  this.timeout(180_000);

  it('are shown where the config lists the file, after one click', async () => {
    const config = await writeWorkspaceFile(
      'linked.batchwise.json',
      new TextDecoder().decode(await vscode.workspace.fs.readFile(workspaceFile('batchwise.json'))),
    );
    assert.equal((await tune(config)).kind, 'done');
    const source = await writeWorkspaceFile(
      'linked.py',
      'from tensorflow import keras\nmodel.fit(x, y, batch_size=8, epochs=4)\n',
    );
    const document = await openFile(source);
    assert.doesNotMatch(await hoverAt(document, 'batch_size'), /easured with/);
    assert.match(
      await hoverAt(document, 'batch_size'),
      /Use measurements of .*linked.*batchwise.*json here/,
    );
    await vscode.commands.executeCommand(
      'batchwise.linkSource',
      config.toString(),
      source.toString(),
    );
    const hover = await eventually('measurements', async () => {
      const text = await hoverAt(document, 'batch_size');
      return text.includes('Measured with') && text;
    });
    assert.match(hover, /Measured with TensorFlow\.js \(WASM\) on /);
    assert.match(hover, /training samples at 8 are/);
    const offered = await titles(document, 'batch_size');
    assert.ok(
      offered.some((title) =>
        /^Use batch size [\d,]+ \(measured with TensorFlow\.js \(WASM\): /.test(title),
      ) || /recommended\*\* size/.test(hover),
      offered.join('; '),
    );
    assert.ok((await lensTitles(document)).some((title) => title.includes('Recommended')));
    const text = (await vscode.workspace.openTextDocument(config)).getText();
    assert.match(text, /"sources": \[\s*"linked\.py"\s*\]/);
  });
});

describe('measured limits in source files', function () {
  this.timeout(180_000);

  it('mark a size that was measured to run out of memory, and mend it', async () => {
    const config = await deriveConfig('tight.batchwise.json', (text) =>
      text
        .replace('"batchSizes": [8, 32, 128]', '"batchSizes": [8, 128], "memoryLimit": "60 kB"')
        .replace('"backend": "wasm"', '"backend": "wasm", "sources": ["tight.py"]'),
    );
    const outcome = await tune(config);
    assert.equal(outcome.kind, 'done');
    const source = await writeWorkspaceFile(
      'tight.py',
      'from tensorflow import keras\nmodel.fit(x, y, batch_size=128, epochs=4)\n',
    );
    const document = await openFile(source);
    const [found] = await eventually('a diagnostic', () => {
      const all = ourDiagnostics(document.uri).filter(
        ({ code }) => typeof code === 'object' && code.value === 'measuredOutOfMemory',
      );
      return all.length > 0 && all;
    });
    assert.ok(found);
    assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(document.getText(found.range), '128');
    assert.match(
      found.message,
      /^Batch size 128 does not fit: \d+ ran out of memory when it was measured with TensorFlow\.js \(WASM\); \d+ was the largest that fitted\.$/,
    );
    const largest = Number(/; (\d+) was the largest/.exec(found.message)?.[1]);
    assert.ok(largest >= 8 && largest < 128, found.message);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title }) => title.startsWith(`Use batch size ${largest}`));
    assert.ok(fix?.edit, actions.map(({ title }) => title).join('; '));
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), new RegExp(`batch_size=${largest},`));
    await eventually('the mark is gone', () =>
      ourDiagnostics(document.uri).every(({ message }) => !message.includes('does not fit')),
    );
    await vscode.commands.executeCommand('undo');
    assert.match(document.getText(), /batch_size=128,/);
    await document.save();
  });
});

describe('"Tune this model…" in a source file', function () {
  this.timeout(120_000);

  it('adds the file to no config by itself', async () => {
    const document = await openFile(
      await writeWorkspaceFile(
        'unlisted.py',
        'from tensorflow import keras\nmodel.fit(x, y, batch_size=16, epochs=4)\n',
      ),
    );
    const action = (await codeActionsAt(document, 'batch_size')).find(
      ({ title }) => title === 'Tune this model…',
    );
    assert.equal(action?.command?.command, 'batchwise.tune');
    assert.deepEqual(action.command.arguments ?? [], []);
    const texts = async () =>
      Promise.all(
        (await vscode.workspace.findFiles('**/*batchwise.json')).map(async (uri) => [
          uri.path,
          new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)),
        ]),
      );
    const before = (await texts()).sort();
    // With several configs the person is asked which one: the first is taken.
    assert.ok(before.length > 0);
    const tuned = vscode.commands.executeCommand<{ kind: string }>('batchwise.tune');
    const picked = await eventually(
      'the first config is picked',
      async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        const ended = await Promise.race([
          tuned,
          new Promise<null>((resolve) => setTimeout(resolve, 200, null)),
        ]);
        return ended;
      },
      60,
    );
    assert.ok(picked.kind);
    assert.deepEqual((await texts()).sort(), before);
    for (const [, text = ''] of before) assert.doesNotMatch(text, /unlisted\.py/);
  });
});
