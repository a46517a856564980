import { unzipSync } from 'fflate';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTarget, packageFiles, targets } from '../../scripts/packageFiles.mjs';
import { loadDawn } from '../../src/trainer/backends/dawnBinding';
import { copyWorkspace } from '../workspaceCopy.mjs';
import { expectTuned, TestFolder } from './support';

const largestMegabytes = 40;
const here = `${process.platform}-${process.arch}`;

describe('the VS Code package', () => {
  const folder = new TestFolder();
  const made = new Map<string, string>();
  /** The package for every platform. */
  let universal: string[];

  beforeAll(async () => {
    universal = (await packageFiles()).map(({ file }) => file);
    expect(universal.filter((file) => file.includes('dawn'))).toEqual([]);
  });

  /** The package's file; made once. */
  async function vsix(target: string): Promise<string> {
    const known = made.get(target);
    if (known !== undefined) return known;
    const { code, stdout, stderr } = await folder.execute(
      process.execPath,
      [path.resolve('scripts/package.mjs'), '--target', target, '--out', '.'],
      folder.path,
    );
    expect(code, stderr).toBe(0);
    const file = stdout.trim();
    made.set(target, file);
    return file;
  }

  function unzip(file: string): Record<string, Uint8Array> {
    return unzipSync(readFileSync(file));
  }

  function text(files: Record<string, Uint8Array>, name: string): string {
    const bytes = files[name];
    expect(bytes, name).toBeDefined();
    return new TextDecoder().decode(bytes);
  }

  afterAll(() => {
    folder.remove();
  });

  describe('for linux-x64', () => {
    let files: Record<string, Uint8Array>;

    beforeAll(async () => {
      files = unzip(await vsix('linux-x64'));
    });

    it('holds these files and no others', async () => {
      const list = Object.keys(files).sort();
      // After a change that is meant: npm run test:package -- -u
      await expect(`${list.join('\n')}\n`).toMatchFileSnapshot('linux-x64.files.txt');
      expect(
        list.filter((name) =>
          /\.(map|ts|mts|mjs|vsix)$|(^|\/)(src|test|node_modules)\//.test(name),
        ),
      ).toEqual([]);
    });

    it('holds every bundle that another loads', () => {
      const missing = Object.keys(files)
        .filter((name) => name.endsWith('.js'))
        .flatMap((name) =>
          [...text(files, name).matchAll(/\b(?:import|require)\("(\.\.?\/[^"]+\.js)"\)/g)].map(
            ([, loaded = '']) => path.posix.join(path.posix.dirname(name), loaded),
          ),
        )
        .filter((name) => !(name in files));
      expect(missing).toEqual([]);
      expect(text(files, 'extension/dist/extension.js')).toContain('import("./tuner/sweep.js")');
    });

    it('is small', async () => {
      expect(statSync(await vsix('linux-x64')).size).toBeLessThanOrEqual(largestMegabytes * 1e6);
      const kilobytes = (name: string) => (files[`extension/dist/${name}`]?.length ?? NaN) / 1e3;
      // What is loaded at activation, what is loaded with the first document, and what trains.
      expect(kilobytes('extension.js')).toBeLessThan(100);
      expect(kilobytes('editor/workbench.js')).toBeLessThan(1000);
      expect(kilobytes('worker.js')).toBeLessThan(4000);
      // What the panel and the side view load each time that they are shown.
      expect(kilobytes('webview.js') + kilobytes('charts.js')).toBeLessThan(450);
      expect(kilobytes('side.js')).toBeLessThan(450);
    });

    it('names its platform and nothing of the development', () => {
      expect(text(files, 'extension.vsixmanifest')).toContain('TargetPlatform="linux-x64"');
      const manifest = JSON.parse(text(files, 'extension/package.json')) as object;
      for (const key of ['private', 'scripts', 'devDependencies', 'dependencies', 'files']) {
        expect(manifest).not.toHaveProperty(key);
      }
      expect(manifest).toMatchObject({ main: './dist/extension.js', icon: 'media/icon.png' });
      expect(text(files, 'extension/readme.md')).not.toMatch(/\]\((?!https?:|#)/);
    });

    it('carries the licences of what is bundled', () => {
      const notices = text(files, 'extension/dist/thirdPartyNotices.txt');
      for (const name of ['@tensorflow/tfjs-core', 'chart.js', 'zod', '@lezer/python']) {
        expect(notices).toContain(`\n${name} `);
      }
      expect(notices).not.toContain('\nvitest ');
    });
  });

  it.each(targets)('for %s differs in the GPU binding alone', async (target) => {
    const all = (await packageFiles(target)).map(({ file }) => file);
    expect(all).toEqual(expect.arrayContaining(universal));
    const added = all.filter((file) => !universal.includes(file));
    const [system] = target.split('-');
    const binaries = `dist/dawn/dist/${system === 'darwin' ? 'darwin-universal' : target}`;
    expect(added).toEqual(
      expect.arrayContaining([
        ...['dist/dawn/package.json', 'dist/dawn/index.js', 'dist/dawn/LICENSE.md'],
        `${binaries}/dawn.node`,
        ...(system === 'win32' ? [`${binaries}/dxcompiler.dll`] : []),
      ]),
    );
    expect(added.filter((file) => file.endsWith('.node'))).toHaveLength(1);
    expect(added.filter((file) => file.startsWith('dist/dawn/dist/'))).toEqual(
      added.filter((file) => file.startsWith(`${binaries}/`)),
    );
  });

  it('refuses a platform that there is no package for', async () => {
    const { code, stdout, stderr } = await folder.execute(
      process.execPath,
      [path.resolve('scripts/package.mjs'), '--target', 'amiga-m68k'],
      folder.path,
    );
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('linux-arm64');
  });

  describe.runIf(isTarget(here))('for this platform', () => {
    it('loads its GPU binding from where it lies', async () => {
      const unpacked = path.join(folder.path, 'unpacked');
      for (const [name, bytes] of Object.entries(unzip(await vsix(here)))) {
        mkdirSync(path.dirname(path.join(unpacked, name)), { recursive: true });
        writeFileSync(path.join(unpacked, name), bytes);
      }
      const dist = path.join(unpacked, 'extension', 'dist');
      const loaded = await loadDawn(dist);
      expect(loaded).toMatchObject({ ok: true, value: { folder: path.join(dist, 'dawn') } });
    });

    it('is installed into VS Code and tunes an example there', async () => {
      const workspace = copyWorkspace('examples/tabular');
      try {
        const { code, stdout, stderr } = await folder.execute(
          process.execPath,
          [
            path.resolve('test/runVscode.mjs'),
            ...['--vsix', await vsix(here), '--workspace', workspace.folder],
            ...['--suite', path.resolve('test/package/tuneInstalled.cjs'), '--limit', '180'],
          ],
          folder.path,
        );
        expect(code, stdout + stderr).toBe(0);
        const [, installed] = /installed in (.*)/.exec(stdout) ?? [];
        expect(installed).toMatch(/[/\\]extensions[/\\]batchwise\.batchwise-/);
        expect(path.relative(process.cwd(), installed ?? '')).toMatch(/^\.\./);
        expectTuned(workspace.folder);
      } finally {
        workspace.remove();
      }
    });
  });
});
