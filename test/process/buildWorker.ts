import { build } from 'esbuild';
import { copyFile, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';

/** Bundles the training process as the build does, into a folder of its own; returns its path. */
export async function buildWorker(): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'batchwise-worker-')), 'dist');
  await build({
    entryPoints: [
      'src/trainer/worker.ts',
      'src/trainer/streaming/rowReader.ts',
      'src/trainer/watchdog.ts',
    ],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  for (const name of await readdir(wasmFolder)) {
    if (name.endsWith('.wasm')) {
      await copyFile(path.join(wasmFolder, name), path.join(folder, name));
    }
  }
  return path.join(folder, 'worker.js');
}
