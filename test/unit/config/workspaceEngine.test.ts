import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inOrderOf, workspaceEngine } from '../../../src/config/workspaceEngine';
import { backendNames } from '../../../src/core/sweep/result';

async function workspace(manifests: Record<string, string>) {
  const root = await mkdtemp(path.join(tmpdir(), 'batchwise-engine-'));
  const folder = path.join(root, 'packages', 'app');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(manifests)) {
    await writeFile(path.join(root, name), text);
  }
  return { root, configFile: path.join(folder, 'batchwise.json') };
}

const dependingOn = (...names: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '^4.22.0'])) });

describe('the engine of a workspace', () => {
  it.each([
    [['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'], 'tensorflow', '@tensorflow/tfjs-node-gpu'],
    [
      ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
      'wasm',
      '@tensorflow/tfjs-backend-wasm',
    ],
    [['@tensorflow/tfjs'], 'webgl', '@tensorflow/tfjs'],
  ])('of %j is %s', async (names, engine, name) => {
    const place = await workspace({ 'package.json': dependingOn(...names) });
    expect(workspaceEngine(place)).toEqual({ engine, package: name });
  });

  it('is that of the nearest package that names one; broken files are passed over', async () => {
    const place = await workspace({
      'package.json': dependingOn('@tensorflow/tfjs-node'),
      'packages/package.json': '{ broken',
      'packages/app/package.json': JSON.stringify({
        devDependencies: { '@tensorflow/tfjs-backend-wasm': '*' },
      }),
    });
    expect(workspaceEngine(place)?.engine).toBe('wasm');
    await writeFile(path.join(path.dirname(place.configFile), 'package.json'), '[]');
    expect(workspaceEngine(place)?.engine).toBe('tensorflow');
  });

  it('is none where several are named, between which the code chooses', async () => {
    const both = dependingOn('@tensorflow/tfjs-node', '@tensorflow/tfjs-backend-wasm');
    expect(workspaceEngine(await workspace({ 'package.json': both }))).toBeNull();
    const twins = dependingOn('@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu');
    expect(workspaceEngine(await workspace({ 'package.json': twins }))?.engine).toBe('tensorflow');
  });

  it('is none in a workspace without such a package', async () => {
    expect(workspaceEngine(await workspace({ 'package.json': dependingOn('zod') }))).toBeNull();
    expect(workspaceEngine(await workspace({}))).toBeNull();
  });

  it('is tried first, and the others keep their order', () => {
    const backends = backendNames.map((name) => ({ name }));
    const names = (engine: Parameters<typeof inOrderOf>[1]) =>
      inOrderOf(backends, engine).map(({ name }) => name);
    expect(names({ package: 'x', engine: 'wasm' })).toEqual([
      'wasm',
      'webgpu',
      'tensorflow',
      'cpu',
    ]);
    expect(names({ package: 'x', engine: 'webgl' })).toEqual([...backendNames]);
    expect(names(null)).toEqual([...backendNames]);
  });
});
