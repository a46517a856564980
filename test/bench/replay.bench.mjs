// Replays sweeps over the recorded update counts of the bench tasks: `npm run bench:replay [count]`.
import { build } from 'esbuild';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const count = Number(process.argv[2] ?? 40);

await mkdir('node_modules/.cache', { recursive: true });
const folder = await mkdtemp(path.resolve('node_modules/.cache/batchwise-bench-'));
try {
  const outfile = path.join(folder, 'replay.cjs');
  await build({
    entryPoints: ['test/bench/tuner/replay.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    external: ['prettier'],
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  });
  const { replayTasks, summaryOf, lineOf } = (await import(pathToFileURL(outfile).href)).default;
  const all = await replayTasks(count, (replay) => console.log(lineOf(replay)));
  console.table(summaryOf(all));
} finally {
  await rm(folder, { recursive: true, force: true });
}
