import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';

const extensionId = 'batchwise.batchwise';

describe('the extension', () => {
  it('activates in a workspace with a batchwise.json', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, `${extensionId} is not loaded`);
    await extension.activate();
    assert.ok(extension.isActive);
  });

  it('is loaded in a fraction of the time of what it loads on first use', () => {
    const extension = vscode.extensions.getExtension<unknown>(extensionId);
    assert.ok(extension);
    const { main } = extension.packageJSON as { main: string };
    const entry = loadTimes(path.join(extension.extensionPath, main));
    const lazily = loadTimes(path.join(extension.extensionPath, 'dist/editor/workbench.js'));
    console.log(
      `loading the entry: ${entry.toFixed(1)} ms; the workbench: ${lazily.toFixed(1)} ms`,
    );
    assert.ok(entry < lazily / 2, `${entry} ms against ${lazily} ms`);
  });

  it('registers every command that its manifest declares', async () => {
    const extension = vscode.extensions.getExtension<unknown>(extensionId);
    assert.ok(extension);
    await extension.activate();
    const manifest = extension.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const declared = manifest.contributes.commands.map(({ command }) => command);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });
});

/** Median milliseconds of nine loads of a bundle, its file cached by the system. */
function loadTimes(file: string): number {
  const load = createRequire(file);
  const running = load.cache[file];
  const times = Array.from({ length: 9 }, () => {
    load.cache[file] = undefined;
    const started = performance.now();
    load(file);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  load.cache[file] = running;
  return times[4] ?? Infinity;
}
