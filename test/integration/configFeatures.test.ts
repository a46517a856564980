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
  workspaceFile,
  writeWorkspaceFile,
} from './support';

describe('a config that was not tuned yet', () => {
  it('is JSON with comments', async () => {
    const document = await openFile(workspaceFile('batchwise.json'));
    assert.equal(document.languageId, 'jsonc');
    assert.equal(
      (await openFile(await deriveConfig('cnn.batchwise.json', (text) => `${text}\n`))).languageId,
      'jsonc',
    );
  });

  it('explains batch size and epochs with the samples of its data file', async () => {
    const rows = 'x,y\n' + '1,0\n2,1\n'.repeat(625);
    await writeWorkspaceFile('hover/rows.csv', rows);
    const document = await openFile(
      await writeWorkspaceFile(
        'hover/batchwise.json',
        '{ "model": { "topology": "m.json" },\n  "data": { "train": "rows.csv", "label": "y" }, // 1,250 rows\n  "training": { "batchSize": 96, "epochs": 3 } }',
      ),
    );
    const size = await hoverAt(document, 'batchSize');
    assert.match(size, /Batchwise/);
    assert.match(size, /1,000 training samples at 96 are \*\*11 iterations\*\*/);
    assert.match(size, /The last batch is partial: 40 samples/);
    assert.match(await hoverAt(document, '96'), /11 iterations/);
    const epochs = await hoverAt(document, 'epochs');
    assert.match(epochs, /3 epochs are 33 updates in total/);
    assert.equal(await hoverAt(document, 'topology'), '');
  });

  it('has a lens that tunes, unless the setting turns it off', async () => {
    const document = await openFile(workspaceFile('hover/batchwise.json'));
    assert.deepEqual(await lensTitles(document), ['Tune batch size · 11 iterations/epoch']);
    const settings = vscode.workspace.getConfiguration('batchwise');
    await settings.update('codeLens.enabled', false, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await lensTitles(document), []);
    } finally {
      await settings.update('codeLens.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('offers to tune on the batch size, and nothing measured', async () => {
    const document = await openFile(workspaceFile('hover/batchwise.json'));
    const titles = (await codeActionsAt(document, '96')).map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title) => /batch size|Tune/.test(title)),
      ['Tune this model…'],
    );
  });

  it('marks what the JSON schema cannot know, and nothing twice', async () => {
    const uri = await writeWorkspaceFile(
      'hover/broken.batchwise.json',
      '{ "model": { "topology": "missing.json", },\n  "data": { "train": "rows.csv", "label": "y" },\n  "training": { "batchSize": 5000 } }',
    );
    const document = await openFile(uri);
    const found = await eventually('two diagnostics', () => {
      const diagnostics = ourDiagnostics(uri);
      return diagnostics.length === 2 && diagnostics;
    });
    const [model, size] = found.toSorted((a, b) => a.range.start.compareTo(b.range.start));
    assert.match(model?.message ?? '', /missing\.json/);
    assert.equal(document.getText(model?.range), '"missing.json"');
    assert.equal(document.getText(size?.range), '5000');
    assert.match(size?.message ?? '', /1,000 training samples/);

    const edit = new vscode.WorkspaceEdit();
    assert.ok(size);
    edit.replace(uri, size.range, '50');
    await vscode.workspace.applyEdit(edit);
    await eventually('one diagnostic', () => ourDiagnostics(uri).length === 1);
    await document.save();
  });

  it('is left alone in other JSON files', async () => {
    const document = await openFile(
      await writeWorkspaceFile('other.json', '{ "training": { "batchSize": 0 }, "model": 3 }'),
    );
    assert.deepEqual(await lensTitles(document), []);
    assert.deepEqual(ourDiagnostics(document.uri), []);
  });
});

describe('a config with a mistake of which the remedy is known', () => {
  it('offers it as a quick fix: misspelt duration, key and column', async () => {
    await writeWorkspaceFile('fixes/rows.csv', 'width,species\n1,a\n2,b\n');
    const uri = await writeWorkspaceFile(
      'fixes/batchwise.json',
      '{ "model": { "layers": [{ "className": "Dense", "config": { "units": 2 } }] },\n' +
        '  "data": { "train": "rows.csv", "label": "speceis" },\n' +
        '  "tuning": { "budget": "2 min" } }',
    );
    const document = await openFile(uri);
    const fix = async (place: string, title: string) => {
      const action = await eventually(title, async () =>
        (await codeActionsAt(document, place)).find((each) => each.title === title),
      );
      assert.ok(action.edit && action.isPreferred);
      await vscode.workspace.applyEdit(action.edit);
    };
    await fix('"speceis"', 'Change to "species"');
    assert.match(document.getText(), /"label": "species"/);
    const type = async (before: string, after: string) => {
      const edit = new vscode.WorkspaceEdit();
      const start = document.positionAt(document.getText().indexOf(before));
      edit.replace(uri, new vscode.Range(start, start.translate(0, before.length)), after);
      await vscode.workspace.applyEdit(edit);
    };
    await type('"2 min"', '"2 minits"');
    await fix('"2 minits"', 'Change to "2 min"');
    await type('"tuning"', '"tunning"');
    await fix('"tunning"', 'Change to "tuning"');
    assert.match(document.getText(), /"tuning": \{ "budget": "2 min" \}/);
    await document.save();
    await eventually('no mistake', () => ourDiagnostics(uri).length === 0);
  });
});
