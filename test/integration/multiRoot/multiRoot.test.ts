import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { codeActionsAt, eventually, hoverAt, lensTitles, openFile, tune } from '../support';
import type { TuneOutcome } from '../support';

/** A file of one of the workspace's folders. */
function fileIn(folder: string, name: string): vscode.Uri {
  const found = vscode.workspace.workspaceFolders?.find((each) => each.name === folder);
  assert.ok(found, `the workspace has no folder ${folder}`);
  return vscode.Uri.joinPath(found.uri, name);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

describe('two folders with a config each', function () {
  this.timeout(120_000);

  it('count the samples of their own data', async () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 2);
    const digits = await openFile(fileIn('digits', 'train.py'));
    assert.match(await hoverAt(digits, '16'), /40 training samples at 16 are \*\*3 iterations\*\*/);
    assert.deepEqual(await lensTitles(digits), ['Tune batch size · 3 iterations/epoch']);
    const flowers = await openFile(fileIn('flowers', 'train.py'));
    const hover = await hoverAt(flowers, '25');
    assert.match(hover, /120 training samples at 25 are \*\*5 iterations\*\*/);
    assert.deepEqual(await lensTitles(flowers), ['Tune batch size · 5 iterations/epoch']);
  });

  it('are tuned by the actions of their own files', async () => {
    for (const folder of ['digits', 'flowers']) {
      const document = await openFile(fileIn(folder, 'train.py'));
      const actions = await codeActionsAt(document, 'batch_size');
      const action = actions.find(({ title }) => title === 'Tune this model…');
      assert.deepEqual(action?.command?.arguments, [fileIn(folder, 'batchwise.json').toString()]);
    }
  });

  it('are changed by the fix in their own file', async () => {
    const document = await openFile(fileIn('flowers', 'train.py'));
    const fix = await eventually('a fix', async () =>
      (await codeActionsAt(document, '25')).find(({ title }) =>
        /^Write batch size 25 /.test(title),
      ),
    );
    assert.match(fix.title, /flowers\/batchwise\.json/);
    assert.ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
    const config = await vscode.workspace.openTextDocument(fileIn('flowers', 'batchwise.json'));
    assert.match(config.getText(), /"batchSize": 25/);
    assert.ok(await config.save());
    const other = await vscode.workspace.openTextDocument(fileIn('digits', 'batchwise.json'));
    assert.match(other.getText(), /"batchSize": 16/);
  });

  it('show measurements of their own sweep', async () => {
    const config = fileIn('digits', 'batchwise.json');
    assert.equal((await tune(config)).kind, 'done');
    assert.ok(await exists(fileIn('digits', '.batchwise/batchwise/latest.json')));
    const digits = await openFile(fileIn('digits', 'train.py'));
    await eventually('measurements', async () =>
      (await hoverAt(digits, '16')).includes('Measured with'),
    );
    const flowers = await openFile(fileIn('flowers', 'train.py'));
    const hover = await hoverAt(flowers, '25');
    assert.match(hover, /120 training samples/);
    assert.doesNotMatch(hover, /easured with/);
  });

  it('are both offered by the tune command, which tunes the one picked', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    let outcome: TuneOutcome | undefined;
    const tuning = vscode.commands
      .executeCommand<TuneOutcome>('batchwise.tune')
      .then((result) => (outcome = result));
    const result = fileIn('flowers', '.batchwise/batchwise/latest.json');
    assert.ok(!(await exists(result)));
    // Sorted by the length of their paths: the second is that of the flowers. The picker has no
    // event for a test to wait for, and keys sent before it is open go nowhere.
    await eventually('the pick', async () => {
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return outcome !== undefined || (await exists(fileIn('flowers', '.batchwise')));
    });
    assert.equal((await tuning).kind, 'done');
    assert.ok(await exists(result));
  });
});
