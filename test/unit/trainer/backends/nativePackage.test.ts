import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tensorflowBackend } from '../../../../src/trainer/backends/tensorflow';
import { findNativePackages } from '../../../../src/trainer/backends/nativePackage';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'batchwise-packages-'));
});

/** A tree of packages as npm lays it out; nothing in it can be run. */
async function install(folder: string, name: string, version: string, napi: number | null) {
  const modules = path.join(root, folder, 'node_modules');
  for (const each of [name, '@tensorflow/tfjs', '@tensorflow/tfjs-core']) {
    await mkdir(path.join(modules, each), { recursive: true });
    const manifest = JSON.stringify({ name: each, version });
    await writeFile(path.join(modules, each, 'package.json'), manifest);
  }
  if (napi === null) return;
  const lib = path.join(modules, name, 'lib', `napi-v${napi}`);
  await mkdir(lib, { recursive: true });
  await writeFile(path.join(lib, 'tfjs_binding.node'), 'not a library');
}

const workspace = (config = 'batchwise.json') => ({
  configFile: path.join(root, 'work', config),
  root: path.join(root, 'work'),
});
const runtime = () => path.join(root, 'runtime');

function found(config?: string) {
  return findNativePackages(workspace(config), runtime()).map((each) =>
    each.ok ? `${each.value.name} ${path.relative(root, each.value.folder)}` : each.problem.reason,
  );
}

describe('packages with libtensorflow', () => {
  it("are the workspace's from the config upwards, CUDA first, then the installed one", async () => {
    await install('runtime', '@tensorflow/tfjs-node', '4.22.0', 8);
    await install('work', '@tensorflow/tfjs-node', '4.22.0', 8);
    await install('work', '@tensorflow/tfjs-node-gpu', '4.22.0', 8);
    await install('work/models', '@tensorflow/tfjs-node', '4.22.0', 3);
    expect(found('models/a/batchwise.json')).toEqual([
      '@tensorflow/tfjs-node work/models/node_modules/@tensorflow/tfjs-node',
      '@tensorflow/tfjs-node-gpu work/node_modules/@tensorflow/tfjs-node-gpu',
      '@tensorflow/tfjs-node work/node_modules/@tensorflow/tfjs-node',
      '@tensorflow/tfjs-node runtime/node_modules/@tensorflow/tfjs-node',
    ]);
  });

  it('are not looked for above the workspace', async () => {
    await install('.', '@tensorflow/tfjs-node', '4.22.0', 8);
    expect(found()).toEqual([]);
  });

  it('of another release, without an addon for this Node or broken are told, not taken', async () => {
    await install('work/a', '@tensorflow/tfjs-node', '3.21.0', 8);
    await install('work/b', '@tensorflow/tfjs-node', '4.22.0', null);
    await install('work/c', '@tensorflow/tfjs-node', '4.22.0', 999);
    await mkdir(path.join(root, 'work/d/node_modules/@tensorflow/tfjs-node'), { recursive: true });
    await writeFile(
      path.join(root, 'work/d/node_modules/@tensorflow/tfjs-node/package.json'),
      'garbage',
    );
    expect(found('a/x.json')).toEqual(['nativeOtherVersion']);
    expect(found('b/x.json')).toEqual(['nativeNotBuilt']);
    expect(found('c/x.json')).toEqual(['nativeNotBuilt']);
    expect(found('d/x.json')).toEqual(['nativeBroken']);
  });

  it('make the backend say how to get them where there are none', async () => {
    const backend = tensorflowBackend(runtime());
    expect(await backend.load(workspace())).toMatchObject({
      ok: false,
      problem: { reason: 'nativeMissing', values: { folder: runtime() } },
    });
    await install('runtime', '@tensorflow/tfjs-node', '4.22.0', 8);
    // Its addon is no library: the loader refuses it, and nothing else is harmed.
    expect(await backend.load(workspace())).toMatchObject({
      ok: false,
      problem: { reason: 'nativeBroken' },
    });
  });
});
