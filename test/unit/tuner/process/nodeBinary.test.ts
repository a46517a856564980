import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describe as sentenceOf } from '../../../../src/core/text/problem';
import type { findNode as FindNode } from '../../../../src/tuner/process/nodeBinary';

/** Which executable runs the training process, with executables that say different versions. */

let folder: string;
let findNode: typeof FindNode;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'batchwise-nodes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  // What was asked of an executable once is remembered by the module.
  vi.resetModules();
  ({ findNode } = await import('../../../../src/tuner/process/nodeBinary'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A folder with a `node` that prints this. */
async function nodeThatSays(words: string): Promise<string> {
  const own = path.join(folder, words.replace(/\W/g, '-'));
  await mkdir(own, { recursive: true });
  const file = path.join(own, 'node');
  await writeFile(file, `#!/bin/sh\necho '${words}'\n`);
  await chmod(file, 0o755);
  return own;
}

describe.skipIf(process.platform === 'win32')('the Node that trains', () => {
  it('is found where it was missing before', async () => {
    const setting = path.join(folder, 'installed-later', 'node');
    expect((await findNode(setting)).ok).toBe(false);
    await mkdir(path.dirname(setting));
    await writeFile(setting, '#!/bin/sh\necho v22.5.0\n');
    await chmod(setting, 0o755);
    expect(await findNode(setting)).toMatchObject({ ok: true, value: { version: '22.5.0' } });
  });

  it('is the setting before anything else', async () => {
    vi.stubEnv('PATH', `${await nodeThatSays('v22.4.0')}:/usr/bin:/bin`);
    const setting = path.join(await nodeThatSays('v20.1.0'), 'node');
    expect(await findNode(setting)).toMatchObject({
      ok: true,
      value: { path: setting, version: '20.1.0', source: 'setting', isElectron: false },
    });
  });

  it('is the one on PATH where there is no setting', async () => {
    vi.stubEnv('PATH', `${await nodeThatSays('v22.4.0')}:/usr/bin:/bin`);
    for (const none of [null, '', '  ']) {
      expect(await findNode(none)).toMatchObject({
        ok: true,
        value: { path: 'node', version: '22.4.0', source: 'path', passedOver: null },
      });
    }
  });

  it('must be 20 or newer: an older setting is refused, an older PATH passed over', async () => {
    const old = await nodeThatSays('v18.20.8');
    expect(await findNode(path.join(old, 'node'))).toMatchObject({
      ok: false,
      problem: { reason: 'nodeTooOld', values: { version: '18.20.8' } },
    });
    vi.stubEnv('PATH', `${old}:/usr/bin:/bin`);
    expect(await findNode()).toMatchObject({
      ok: true,
      value: {
        path: process.execPath,
        source: 'own',
        passedOver: { reason: 'nodeTooOld', values: { version: '18.20.8' } },
      },
    });
  });

  it('is no program that only has its name', async () => {
    const other = await nodeThatSays('Usage: node [OPTION]');
    expect(await findNode(path.join(other, 'node'))).toMatchObject({
      ok: false,
      problem: { reason: 'nodeSettingMissing' },
    });
  });

  it('is no folder of that name', async () => {
    await mkdir(path.join(folder, 'tools', 'node'), { recursive: true });
    expect(await findNode(path.join(folder, 'tools', 'node'))).toMatchObject({
      ok: false,
      problem: { reason: 'nodeSettingMissing' },
    });
    vi.stubEnv('PATH', `${path.join(folder, 'tools')}:${await nodeThatSays('v22.4.0')}`);
    expect(await findNode()).toMatchObject({ ok: true, value: { version: '22.4.0' } });
  });

  it('is the executable of this process where PATH has none, and says why', async () => {
    vi.stubEnv('PATH', path.join(folder, 'empty'));
    const found = await findNode();
    expect(found).toMatchObject({
      ok: true,
      value: {
        path: process.execPath,
        version: process.versions.node,
        source: 'own',
        isElectron: false,
        passedOver: { reason: 'nodeSettingMissing' },
      },
    });
    const why = found.ok ? found.value.passedOver : null;
    expect(why && sentenceOf(why)).toContain('node');
  });
});

describe('inside Electron', () => {
  beforeEach(() => {
    Object.defineProperty(process.versions, 'electron', {
      value: '39.2.0',
      configurable: true,
      enumerable: true,
    });
  });
  afterEach(() => {
    Reflect.deleteProperty(process.versions, 'electron');
  });

  it('the executable of the process is known as such', async () => {
    vi.stubEnv('PATH', path.join(folder, 'empty'));
    vi.stubEnv('Path', path.join(folder, 'empty'));
    expect(await findNode()).toMatchObject({
      ok: true,
      value: { source: 'own', isElectron: true },
    });
  });

  it('Dawn is not tried, and the reason names the remedy', async () => {
    const { loadDawn } = await import('../../../../src/trainer/backends/dawnBinding');
    const loaded = await loadDawn(path.resolve('dist'));
    expect(loaded).toMatchObject({ ok: false, problem: { reason: 'dawnInElectron' } });
    expect(loaded.ok || sentenceOf(loaded.problem)).toContain('batchwise.nodePath');
  });
});
