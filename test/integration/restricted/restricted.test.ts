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
    const tuneAction = (await codeActionsAt(document, '"batchSize"')).find(({ title }) =>
      title.includes('Tune'),
    );
    assert.equal(tuneAction?.command?.command, 'batchwise.manageTrust');
  });
});
