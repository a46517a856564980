// Runs Batchwise for long, and looks at what is left: `npm run soak`. See main.ts for the options.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
// Below node_modules, so that what is not bundled is found.
await mkdir('node_modules/.cache', { recursive: true });
const folder = await mkdtemp(path.resolve('node_modules/.cache/batchwise-soak-'));
await build({
  entryPoints: {
    soak: 'test/soak/main.ts',
    cli: 'src/cli/main.ts',
    worker: 'src/trainer/worker.ts',
    rowReader: 'src/trainer/streaming/rowReader.ts',
    watchdog: 'src/trainer/watchdog.ts',
  },
  outdir: folder,
  outExtension: { '.js': '.js' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'error',
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
});
for (const name of await readdir(wasmFolder)) {
  if (name.endsWith('.wasm')) await copyFile(path.join(wasmFolder, name), path.join(folder, name));
}
const soak = spawn(
  process.execPath,
  ['--expose-gc', path.join(folder, 'soak.js'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => soak.kill(signal));
soak.on('exit', async (code) => {
  await rm(folder, { recursive: true, force: true });
  process.exitCode = code ?? 130;
});
