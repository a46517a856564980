import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import * as vscode from 'vscode';

const extensionId = 'batchwise.batchwise';

describe('the extension', () => {
  it('activates in a workspace with a batchwise.json', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, `${extensionId} is not loaded`);
    await extension.activate();
    assert.ok(extension.isActive);
  });

  it('registers and nothing more: what the entry loads and asks for', () => {
    const extension = vscode.extensions.getExtension<unknown>(extensionId);
    assert.ok(extension);
    const { main } = extension.packageJSON as { main: string };
    const file = path.join(extension.extensionPath, main);
    const asked: string[] = [];
    const started = performance.now();
    const subscriptions = activateApart(file, extension.extensionPath, asked);
    console.log(`loading and calling the entry: ${(performance.now() - started).toFixed(1)} ms`);
    for (const subscription of subscriptions) subscription.dispose();
    const ours = asked.filter((name) => name.startsWith('.'));
    assert.deepEqual(ours, [], 'bundles that are loaded on first use');
    assert.ok(asked.includes('vscode'));
    assert.deepEqual(
      asked.filter((name) => !['vscode', 'path', 'node:path'].includes(name)),
      [],
      'what the entry needs',
    );
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

/**
 * Activates a second copy of the entry whose `require` and `vscode` tell what is asked of them:
 * nothing is registered twice, and a search for files or a document's text is an error.
 */
function activateApart(
  file: string,
  extensionPath: string,
  asked: string[],
): readonly vscode.Disposable[] {
  const load = createRequire(file);
  const nothing = { dispose: () => undefined };
  const registering = (target: object): object =>
    new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        const known = /^(register|on|create(OutputChannel|StatusBarItem))/.test(String(name));
        return known
          ? () => ({ ...nothing, show: () => undefined, hide: () => undefined })
          : () => assert.fail(`${String(name)} is called while the extension activates`);
      },
    });
  const faked = {
    ...vscode,
    commands: registering(vscode.commands),
    languages: registering(vscode.languages),
    lm: registering(vscode.lm),
    window: registering(vscode.window),
    workspace: registering(vscode.workspace),
  };
  const module = { exports: {} as { activate(context: object): void } };
  const text = readFileSync(file, 'utf8');
  const require = (name: string): unknown => {
    asked.push(name);
    return name === 'vscode' ? faked : load(name);
  };
  const run = compileFunction(text, ['module', 'exports', 'require', '__dirname', '__filename'], {
    filename: file,
  }) as (...parts: unknown[]) => void;
  run(module, module.exports, require, path.dirname(file), file);
  const subscriptions: vscode.Disposable[] = [];
  const globalState = { get: () => undefined, update: () => Promise.resolve() };
  module.exports.activate({
    subscriptions,
    globalState,
    workspaceState: globalState,
    extensionPath,
    extensionUri: vscode.Uri.file(extensionPath),
  });
  return subscriptions;
}
