// Bundles the tuner's bench and the training process, and runs the bench: `npm run bench:tuner`.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
// Below node_modules, so that what is not bundled is found.
await mkdir('node_modules/.cache', { recursive: true });
const folder = await mkdtemp(path.resolve('node_modules/.cache/batchwise-bench-'));

const bundle = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'error',
  sourcemap: 'inline',
  external: ['prettier'],
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};
await build({
  ...bundle,
  entryPoints: ['test/bench/tuner/main.ts'],
  outfile: path.join(folder, 'bench.cjs'),
  format: 'cjs',
});
await build({
  ...bundle,
  entryPoints: ['src/trainer/worker.ts'],
  outfile: path.join(folder, 'worker.js'),
  format: 'cjs',
});
for (const name of await readdir(wasmFolder)) {
  if (name.endsWith('.wasm')) {
    await copyFile(path.join(wasmFolder, name), path.join(folder, name));
  }
}

const bench = spawn(
  process.execPath,
  ['--enable-source-maps', path.join(folder, 'bench.cjs'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.on('exit', async (code) => {
  await rm(folder, { recursive: true, force: true });
  process.exitCode = code ?? 130;
});
