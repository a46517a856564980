import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** `node test/runVscode.mjs`, from another folder than the project's. */
function runVscode(cwd: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const script = path.resolve('test/runVscode.mjs');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

describe('node test/runVscode.mjs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-suite-'));
    mkdirSync(path.join(folder, 'work space'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function suite(body: string): void {
    writeFileSync(
      path.join(folder, 'suite.js'),
      `const vscode = require('vscode');\nexports.run = async () => {\n${body}\n};\n`,
    );
  }

  it('runs a suite from anywhere and shows its console output', async () => {
    suite(`
      const folders = vscode.workspace.workspaceFolders.map(({ name }) => name);
      const extension = vscode.extensions.getExtension('batchwise.batchwise');
      console.log('opened', folders, 'trusted', vscode.workspace.isTrusted, typeof extension);
    `);
    const { code, output } = await runVscode(
      folder,
      ...['--suite', 'suite.js', '--workspace', 'work space'],
    );
    expect(output).toContain("opened [ 'work space' ] trusted true object");
    expect(code).toBe(0);
  });

  it('fails when the suite throws, in Restricted Mode and Japanese where asked', async () => {
    suite(`
      console.log('trusted', vscode.workspace.isTrusted, vscode.env.language);
      throw new Error('as it must');
    `);
    const { code, output } = await runVscode(
      folder,
      ...['--suite', 'suite.js', '--workspace', 'work space', '--restricted', '--language', 'ja'],
    );
    expect(output).toContain('trusted false ja');
    expect(output).toContain('as it must');
    expect(code).toBe(1);
  });

  it('ends a suite that runs longer than its limit', async () => {
    suite('await new Promise(() => {});');
    const { code, output } = await runVscode(
      folder,
      ...['--suite', 'suite.js', '--workspace', 'work space', '--limit', '10'],
    );
    expect(output).toContain('The suite was ended');
    expect(code).toBe(1);
  });

  it('explains a wrong command line and a file that is not there', async () => {
    expect((await runVscode(folder, '--suite', 'suite.js')).code).toBe(2);
    expect((await runVscode(folder, '--sweet')).code).toBe(2);
    const { code, output } = await runVscode(
      folder,
      ...['--suite', 'absent.js', '--workspace', 'work space'],
    );
    expect(output).toContain('absent.js does not exist');
    expect(code).toBe(1);
  });
});
