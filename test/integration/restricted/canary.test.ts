import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  codeActionsAt,
  eventually,
  hoverAt,
  lensTitles,
  openFile,
  tune,
  workspaceFile,
} from '../support';

/**
 * A workspace in which everything that could run writes a file: model and data modules, the Python
 * interpreter, packages that a backend is loaded from, and each program that a setting can name.
 */
describe('code of an untrusted workspace', () => {
  const folder = path.dirname(workspaceFile('batchwise.json').fsPath);
  const canaries = mkdtempSync(path.join(tmpdir(), 'batchwise-canary-'));
  const sung = (name: string) => path.join(canaries, name);
  const names = ['module', 'package', 'interpreter', 'node', 'python'];
  const inFolder = (...parts: string[]) => path.join(folder, ...parts);

  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const program = (name: string, ...parts: string[]) => {
    write(inFolder(...parts), `#!/bin/sh\necho v24.0.0\n: > '${sung(name)}'\n`);
    chmodSync(inFolder(...parts), 0o755);
  };
  const code = (name: string) =>
    `require('node:fs').writeFileSync(${JSON.stringify(sung(name))}, '');\n`;
  const module = `import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(sung('module'))}, '');
    export function createModel() {}
    export function load() {}\n`;
  const training = { loss: 'meanSquaredError', batchSize: 8 };
  const configs = {
    'module.batchwise.json': { model: { module: 'm.mjs' }, data: { train: 'm.mjs' }, training },
    'python.batchwise.json': {
      trainer: { python: 'train.py', interpreter: '.venv/bin/python' },
      backend: 'auto',
    },
  };

  before(async () => {
    for (const [name, config] of Object.entries(configs))
      write(inFolder(name), JSON.stringify(config, null, 2));
    write(inFolder('m.mjs'), module);
    write(inFolder('train.py'), 'from keras import Model\nmodel.fit(x, y, batch_size=8)\n');
    for (const name of ['tfjs-node', 'tfjs-node-gpu', 'tfjs']) {
      const own = ['node_modules', '@tensorflow', name];
      const manifest = { name: `@tensorflow/${name}`, version: '4.22.0', main: 'index.js' };
      write(inFolder(...own, 'package.json'), JSON.stringify(manifest));
      write(inFolder(...own, 'index.js'), code('package'));
    }
    write(
      inFolder('package.json'),
      JSON.stringify({ dependencies: { '@tensorflow/tfjs-node': '4.22.0' } }),
    );
    program('interpreter', '.venv', 'bin', 'python');
    program('node', 'bin', 'node');
    program('python', 'bin', 'python');
    write(
      inFolder('.vscode', 'settings.json'),
      JSON.stringify({
        'batchwise.nodePath': inFolder('bin', 'node'),
        'batchwise.pythonPath': inFolder('bin', 'python'),
        'batchwise.defaultBackend': 'tensorflow',
      }),
    );
    // The editor has taken note of the files once it finds them.
    await eventually('the new config', async () => {
      const found = await vscode.workspace.findFiles('module.batchwise.json');
      return found.length === 1;
    });
  });

  after(() => {
    rmSync(canaries, { recursive: true, force: true });
    for (const name of [...Object.keys(configs), 'm.mjs', 'train.py', 'package.json', 'bin'])
      rmSync(inFolder(name), { recursive: true, force: true });
    for (const name of ['.venv', '.vscode', 'node_modules'])
      rmSync(inFolder(name), { recursive: true, force: true });
  });

  it('never runs, whatever a person does', async function () {
    // Each backend is tried on the way.
    this.timeout(300_000);
    for (const name of Object.keys(configs)) {
      const uri = workspaceFile(name);
      const document = await openFile(uri);
      assert.equal((await tune(uri)).kind, 'refused');
      const again = await vscode.commands.executeCommand<{ kind: string } | undefined>(
        'batchwise.tuneAgain',
        uri,
      );
      assert.notEqual(again?.kind, 'done');
      await vscode.commands.executeCommand('batchwise.resume', uri);
      await lensTitles(document);
      await hoverAt(document, name.startsWith('module') ? '"batchSize"' : '"python"');
    }
    const script = await openFile(workspaceFile('train.py'));
    await hoverAt(script, 'batch_size');
    await codeActionsAt(script, 'batch_size');
    await vscode.commands.executeCommand('batchwise.showResults');
    await vscode.commands.executeCommand('batchwise.doctor');
    assert.deepEqual(
      names.filter((name) => existsSync(sung(name))),
      [],
    );
  });

  it('would be seen if it did', () => {
    execFileSync(inFolder('bin', 'node'));
    assert.ok(existsSync(sung('node')));
    execFileSync(process.execPath, [inFolder('m.mjs')], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    assert.ok(existsSync(sung('module')));
  });
});
