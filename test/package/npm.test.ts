import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyWorkspace } from '../workspaceCopy.mjs';
import { expectResult, expectTuned, TestFolder } from './support';

describe('the npm package of the command line', () => {
  const folder = new TestFolder();
  const project = path.join(folder.path, 'project');
  const npm = (...args: string[]) => folder.execute('npm', args, project);
  const batchwise = (...args: string[]) =>
    npm('exec', '--no', '--offline', '--', 'batchwise', ...args);

  beforeAll(async () => {
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{ "private": true }\n');
    const packed = await folder.execute(
      'npm',
      // dist/ is there and current; building again would change it under other tests.
      ['pack', '--ignore-scripts', '--pack-destination', folder.path],
      process.cwd(),
    );
    expect(packed.code, packed.stderr).toBe(0);
    const tarballs = readdirSync(folder.path).filter((name) => name.endsWith('.tgz'));
    expect(tarballs).toHaveLength(1);
    const installed = await npm(
      ...['install', path.join('..', tarballs[0] ?? ''), '--omit=dev', '--offline'],
      ...['--no-audit', '--no-fund'],
    );
    expect(installed.code, installed.stderr).toBe(0);
  });

  afterAll(() => {
    folder.remove();
  });

  it('installs these files and nothing else', async () => {
    const modules = path.join(project, 'node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['batchwise']);
    const files = readdirSync(path.join(modules, 'batchwise'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(modules, path.join(entry.parentPath, entry.name)))
      .map((file) => file.split(path.sep).join('/'))
      .sort();
    // After a change that is meant: npm run test:package -- -u
    await expect(`${files.join('\n')}\n`).toMatchFileSnapshot('npm.files.txt');
  });

  it('tunes an example from an empty folder', async () => {
    const workspace = copyWorkspace('examples/tabular');
    try {
      const config = path.join(workspace.folder, 'batchwise.json');
      const { code, stdout, stderr } = await batchwise('tune', config, '--json');
      expect(code, stderr).toBe(0);
      expectResult(JSON.parse(stdout));
      expectTuned(workspace.folder);
    } finally {
      workspace.remove();
    }
  });

  it('says what the machine can train on', async () => {
    const { code, stdout, stderr } = await batchwise('doctor', '--json');
    expect(code, stderr).toBe(0);
    const { batchwise: version, backends } = JSON.parse(stdout) as {
      batchwise: string;
      backends: { name: string; usable: boolean; why: string | null }[];
    };
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(version).toBe(manifest.version);
    expect(backends.filter(({ usable }) => usable).map(({ name }) => name)).toContain('wasm');
    for (const { usable, why } of backends) expect(why === null).toBe(usable);
  });
});
