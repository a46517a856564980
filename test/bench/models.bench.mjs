// Makes data up for models of any kind and tunes them: `npm run bench:models -- FOLDER --data FOLDER`.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

await mkdir('node_modules/.cache', { recursive: true });
const folder = await mkdtemp(path.resolve('node_modules/.cache/batchwise-bench-'));
const outfile = path.join(folder, 'models.cjs');
await build({
  entryPoints: ['test/bench/models/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
  external: ['prettier'],
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
});
const bench = spawn(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.on('exit', async (code) => {
  await rm(folder, { recursive: true, force: true });
  process.exitCode = code ?? 130;
});
