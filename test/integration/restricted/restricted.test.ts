import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { codeActionsAt, hoverAt, lensTitles, openFile, tune, workspaceFile } from '../support';

describe('Restricted Mode', () => {
  it('refuses to tune, in code too', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const uri = workspaceFile('batchwise.json');
    assert.equal((await tune(uri)).kind, 'refused');
    await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(workspaceFile('.batchwise'))));
  });

  it('explains all the same, and offers to manage trust instead of tuning', async () => {
    const document = await openFile(workspaceFile('batchwise.json'));
    const hover = await hoverAt(document, '"batchSize"');
    assert.match(hover, /Batchwise/);
    assert.match(hover, /iterations/);
    assert.match(hover, /command:batchwise\.manageTrust/);
    assert.ok(
      (await lensTitles(document)).some((title) =>
        title.startsWith('Trust this workspace to tune'),
      ),
    );
    const tuneAction = (await codeActionsAt(document, '"batchSize"')).find(
      ({ title }) => title === 'Trust this workspace to tune',
    );
    assert.equal(tuneAction?.command?.command, 'batchwise.manageTrust');
  });

  it('explains and mends source files without a config', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content:
        'from tensorflow import keras\n# batchwise: samples=60000\n' +
        'model = keras.Sequential([keras.layers.LSTM(8)])\nmodel.fit(x, y, batch_size=128, epochs=2)\n',
    });
    const hover = await hoverAt(document, 'batch_size');
    assert.match(hover, /\*\*469 iterations\*\*/);
    assert.match(hover, /command:batchwise\.manageTrust/);
    const actions = await codeActionsAt(document, '128');
    const rule = actions.find(({ title }) =>
      title.startsWith('Use batch size 32 (rule of thumb for recurrent models)'),
    );
    assert.ok(rule?.edit && (await vscode.workspace.applyEdit(rule.edit)));
    assert.match(document.getText(), /batch_size=32,/);
    assert.deepEqual(await lensTitles(document), [
      'Trust this workspace to tune · 1,875 iterations/epoch',
    ]);
  });

  it('tells agents to ask for trust, and writes nothing', async () => {
    const invoke = (name: string) =>
      vscode.lm.invokeTool(name, {
        input: { config: 'batchwise.json' },
        toolInvocationToken: undefined,
      });
    for (const name of ['batchwise_explain', 'batchwise_tune'])
      await assert.rejects(Promise.resolve(invoke(name)), /trust the workspace/);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(workspaceFile('.batchwise'))));
  });
});
