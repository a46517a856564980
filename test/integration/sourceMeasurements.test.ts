import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  actionTitles,
  codeActionsAt,
  deriveConfig,
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  ourDiagnostics,
  tune,
  workspaceFile,
  writeWorkspaceFile,
} from './support';

describe('measurements in source files', function () {
  this.timeout(180_000);

  it('are shown where the config lists the file, after one click', async () => {
    const config = await writeWorkspaceFile(
      'linked.batchwise.json',
      new TextDecoder().decode(await vscode.workspace.fs.readFile(workspaceFile('batchwise.json'))),
    );
    const source = await writeWorkspaceFile(
      'linked.py',
      'from tensorflow import keras\nmodel.fit(x, y, batch_size=8, epochs=4)\n',
    );
    const document = await openFile(source);
    assert.doesNotMatch(await hoverAt(document, 'batch_size'), /measurements of [^\]]*linked/);
    assert.equal((await tune(config)).kind, 'done');
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
    const offered = await actionTitles(document, 'batch_size');
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
        .replace('"batchSizes": [8, 32, 128]', '"batchSizes": [8, 128], "memoryLimit": "30 kB"')
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
        'unlisted.mjs',
        "import * as tf from '@tensorflow/tfjs';\nawait model.fit(x, y, { batchSize: 16, epochs: 4 });\n",
      ),
    );
    const action = (await codeActionsAt(document, 'batchSize')).find(
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
