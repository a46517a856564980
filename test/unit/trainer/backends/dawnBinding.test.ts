import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDawn } from '../../../../src/trainer/backends/dawnBinding';

const webgpu = path.dirname(createRequire(__filename).resolve('webgpu/package.json'));
const platform = `${process.platform}-${process.arch}`;
const binaries = process.platform === 'darwin' ? 'darwin-universal' : platform;

describe("Dawn's Node binding", () => {
  let dist: string;

  beforeEach(() => {
    dist = mkdtempSync(path.join(os.tmpdir(), 'batchwise-dist-'));
  });

  afterEach(() => {
    rmSync(dist, { recursive: true, force: true });
  });

  /** The package as a VSIX for one platform carries it, less its binary. */
  function packageWithoutBinary(): string {
    const folder = path.join(dist, 'dawn');
    mkdirSync(path.join(folder, 'dist', binaries), { recursive: true });
    for (const name of ['package.json', 'index.js']) {
      copyFileSync(path.join(webgpu, name), path.join(folder, name));
    }
    return folder;
  }

  it('is found in node_modules in development', async () => {
    const loaded = await loadDawn(path.resolve('dist'));
    expect(loaded).toMatchObject({ ok: true, value: { folder: webgpu } });
    if (!loaded.ok) return;
    expect(loaded.value.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(loaded.value.globals).toHaveProperty('GPUBufferUsage');
    expect(loaded.value.create).toBeTypeOf('function');
  });

  it('names the platform when the package has none', async () => {
    const loaded = await loadDawn(dist);
    expect(loaded).toMatchObject({
      ok: false,
      problem: { reason: 'dawnMissing', values: { platform } },
    });
  });

  it('says when the package was made for another platform', async () => {
    const folder = packageWithoutBinary();
    const loaded = await loadDawn(dist);
    expect(loaded).toMatchObject({
      ok: false,
      problem: { reason: 'dawnOtherPlatform', values: { platform, folder } },
    });
  });

  it('says why a binary does not load', async () => {
    const folder = packageWithoutBinary();
    writeFileSync(path.join(folder, 'dist', binaries, 'dawn.node'), 'not a library');
    const loaded = await loadDawn(dist);
    expect(loaded).toMatchObject({ ok: false, problem: { reason: 'dawnBroken' } });
    expect(loaded.ok ? '' : loaded.problem.values['cause']).toMatch(/dawn\.node/);
  });
});
