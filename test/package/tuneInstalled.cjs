const assert = require('node:assert/strict');
const vscode = require('vscode');

/** Run by VS Code in a window whose Batchwise is an installed package: tunes the workspace's config. */
async function run() {
  const extension = vscode.extensions.getExtension('batchwise.batchwise');
  assert.ok(extension, 'Batchwise is not installed');
  console.log(`installed in ${extension.extensionPath}`);

  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the workspace has no folder');
  const config = vscode.Uri.joinPath(folder.uri, 'batchwise.json');
  const outcome = await vscode.commands.executeCommand('batchwise.tune', config);
  assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
  assert.ok(outcome.result.recommendation, 'no batch size is recommended');

  const document = await vscode.workspace.openTextDocument(config);
  const hovers = await vscode.commands.executeCommand(
    'vscode.executeHoverProvider',
    config,
    document.positionAt(document.getText().indexOf('"batchSize"') + 1),
  );
  const said = hovers.flatMap(({ contents }) => contents).map(({ value }) => value);
  assert.match(said.join('\n'), /Measured with TensorFlow\.js/);
}

module.exports = { run };
