import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockMachine } from '../../src/tuner/history/machineLock';
import {
  codeActionsAt,
  deriveConfig,
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  positionOf,
  sweepsThatTrain,
  tune,
  workspaceFile,
  writeWorkspaceFile,
} from './support';

describe('tuning from the editor', function () {
  this.timeout(180_000);

  it('trains, keeps the result, and offers it where the batch size stands', async () => {
    const document = await openFile(workspaceFile('batchwise.json'));
    const outcome = await tune(document.uri);
    assert.equal(outcome.kind, 'done');
    assert.ok(outcome.result);
    const { trials, recommendation } = outcome.result;
    assert.ok(trials.length >= 2, `${trials.length} trials`);
    assert.ok(recommendation);
    assert.ok(trials.some(({ batchSize }) => batchSize === recommendation.batchSize));

    const latest = workspaceFile('.batchwise/batchwise/latest.json');
    const kept = JSON.parse(
      new TextDecoder().decode(await vscode.workspace.fs.readFile(latest)),
    ) as { recommendation: { batchSize: number } };
    assert.equal(kept.recommendation.batchSize, recommendation.batchSize);

    const hover = await hoverAt(document, '"batchSize"');
    assert.match(hover, /Measured with TensorFlow\.js \(WASM\)/);
    assert.match(hover, /ecommended/);
    assert.ok((await lensTitles(document)).some((title) => title.includes('Recommended')));
  });

  it('shows the last result again where nothing changed, and measures anew when asked to', async () => {
    const uri = await deriveConfig('again/batchwise.json', (text) =>
      text.replaceAll(/"train": "/g, '"train": "../'),
    );
    const first = await tune(uri);
    assert.equal(first.kind, 'done');
    assert.equal(await sweepsThatTrain(uri), 1);
    const again = await tune(uri);
    assert.equal(again.kind, 'done');
    assert.equal(await sweepsThatTrain(uri), 1, 'it trained again');
    assert.deepEqual(again.result?.recommendation, first.result?.recommendation);
    assert.deepEqual(again.result?.cost, first.result?.cost);
    assert.equal(again.result?.notes?.at(-1)?.id, 'resultReused');
    const anew = await vscode.commands.executeCommand<typeof first>('batchwise.tuneAgain', uri);
    assert.equal(anew.kind, 'done');
    assert.equal(await sweepsThatTrain(uri), 2);
    assert.notEqual(anew.result?.finishedAt, first.result?.finishedAt);
  });

  it('waits for another sweep on this machine, and can be cancelled meanwhile', async () => {
    const uri = await deriveConfig('waits/batchwise.json', (text) =>
      text.replaceAll(/"train": "/g, '"train": "../'),
    );
    const other = await lockMachine({ owner: 'another.json', onBusy: () => true });
    assert.ok(other.ok);
    try {
      const cancelled = tune(uri);
      await eventually('a sweep under way', async () => (await tune(uri)).kind === 'refused');
      await vscode.commands.executeCommand('batchwise.cancel');
      assert.equal((await cancelled).kind, 'cancelled');
      const waiting = tune(uri);
      await eventually('a sweep under way', async () => (await tune(uri)).kind === 'refused');
      assert.equal(await sweepsThatTrain(uri), 0);
      await other.value.release();
      assert.equal((await waiting).kind, 'done');
      assert.equal(await sweepsThatTrain(uri), 1);
    } finally {
      await other.value.release();
    }
  });

  it('writes the recommendation with one action and takes it back with one undo', async () => {
    const uri = await deriveConfig('apply.batchwise.json', (text) =>
      text.replace(/"batchSize": \d+/, '"batchSize": 3 /* mine */'),
    );
    const document = await openFile(uri);
    const outcome = await tune(uri);
    assert.equal(outcome.kind, 'done');
    const recommended = outcome.result?.recommendation;
    assert.ok(recommended);
    const before = document.getText();
    const actions = await codeActionsAt(document, '"batchSize"');
    const use = actions.filter(({ title }) =>
      title.startsWith(`Use batch size ${recommended.batchSize}`),
    );
    assert.ok(use.length >= 1, actions.map(({ title }) => title).join('; '));
    assert.match(use[0]?.title ?? '', /measured/);
    const action = use.at(-1);
    assert.ok(action?.edit);
    assert.ok(action.kind && vscode.CodeActionKind.RefactorRewrite.contains(action.kind));
    await vscode.workspace.applyEdit(action.edit);
    assert.match(
      document.getText(),
      new RegExp(`"batchSize": ${recommended.batchSize} /\\* mine \\*/`),
    );
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await document.save();
  });

  it('saves an edited config before it tunes it', async () => {
    const uri = await deriveConfig('dirty.batchwise.json', (text) => `${text}\n`);
    const document = await openFile(uri);
    const at = positionOf(document, '"budget"');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, at.translate(0, -1), '"seedless": 1, ');
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    assert.equal((await tune(uri)).kind, 'refused');
    assert.ok(!document.isDirty, 'it was not saved');
  });

  it('cancels a sweep and can tune again', async () => {
    const uri = await deriveConfig('cancel/batchwise.json', (text) =>
      text
        .replaceAll(/"train": "/g, '"train": "../')
        .replace(/"budget": "[^"]*"/, '"budget": "3 min"')
        // More epochs than can be trained while the test looks on.
        .replace(/"epochs": \d+/, '"epochs": 100000')
        .replace('"budget"', '"objective": "quality", "budget"'),
    );
    for (const sweeps of [1, 2]) {
      const outcome = tune(uri);
      await eventually(
        'a trial in the log',
        async () => (await sweepsThatTrain(uri)) === sweeps,
        60,
      );
      assert.equal((await tune(uri)).kind, 'refused', 'a second sweep started in this window');
      await vscode.commands.executeCommand('batchwise.cancel');
      assert.equal((await outcome).kind, 'cancelled');
    }
  });

  it('refuses a config with a mistake and trains nothing', async () => {
    const uri = await deriveConfig('mistake/batchwise.json', (text) =>
      text.replace('flowers.csv', 'nowhere.csv'),
    );
    assert.equal((await tune(uri)).kind, 'refused');
    await assert.rejects(
      Promise.resolve(vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, '../.batchwise'))),
    );
    const broken = await writeWorkspaceFile('mistake/half.batchwise.json', '{ "model": ');
    assert.equal((await tune(broken)).kind, 'refused');
  });

  it('shows a sweep of the terminal as soon as it has ended', async () => {
    const uri = await deriveConfig(
      'terminal.batchwise.json',
      (text) => `// as the terminal would\n${text}`,
    );
    const document = await openFile(uri);
    assert.ok(!(await lensTitles(document)).some((title) => title.includes('Recommended')));
    const from = workspaceFile('.batchwise/batchwise/latest.json');
    const to = workspaceFile('.batchwise/terminal.batchwise/latest.json');
    await vscode.workspace.fs.copy(from, to);
    await eventually('the recommendation in the lens', async () =>
      (await lensTitles(document)).some((title) => title.includes('Recommended')),
    );
  });
});
