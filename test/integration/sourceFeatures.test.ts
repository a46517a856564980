import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  actionTitles,
  codeActionsAt,
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  positionOf,
  workspaceFile,
  writeWorkspaceFile,
} from './support';

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

  it('are told for what they are where a model is only evaluated with them', async () => {
    const text = `${keras}score = model.predict(x, batch_size=250)\r\n`;
    const document = await openFile(await writeWorkspaceFile('src/predict.py', text));
    const hover = await hoverAt(document, '250');
    assert.match(hover, /\*\*Batchwise\*\*: inference batch of 250/);
    assert.match(hover, /There is nothing to tune/);
    assert.deepEqual(await actionTitles(document, '250'), []);
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
      assert.deepEqual(await hints(), ['→ 11 iterations/epoch', '→ 55 updates']);
    } finally {
      await settings.update('inlayHints.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('are changed where the constant is defined, in one undo step', async () => {
    const document = await openFile(workspaceFile('src/train.py'));
    const offered = await actionTitles(document, 'batch_size=BATCH');
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
        (await actionTitles(document, '128')).includes(
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
    assert.match(await hoverAt(document, 'per_device'), /16 × 2 accumulated batches = 32/);
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
