// Counts how often sweeps on made-up surfaces that claim to be sure are right: `npm run bench:claims`.
import { build } from 'esbuild';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const wanted = Number(process.argv[2] ?? 200);
/** A claim says 95%. */
const leastRight = 0.95;
const scatters = [0, 0.05, 0.1, 0.15];
const firstSurface = 20_000;

await mkdir('node_modules/.cache', { recursive: true });
const folder = await mkdtemp(path.resolve('node_modules/.cache/batchwise-bench-'));
try {
  const outfile = path.join(folder, 'claims.cjs');
  await build({
    entryPoints: ['test/unit/tuner/claims.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  });
  const { claimOf } = (await import(pathToFileURL(outfile).href)).default;
  const counts = new Map(scatters.map((scatter) => [scatter, { sweeps: 0, sure: 0, right: 0 }]));
  let sure = 0;
  for (let surface = firstSurface; sure < wanted; surface++) {
    for (const [scatter, count] of counts) {
      const claim = await claimOf(surface, scatter, 42);
      count.sweeps++;
      if (!claim.isSure) continue;
      sure++;
      count.sure++;
      if (claim.isRight) count.right++;
    }
  }
  const rows = [...counts].map(([scatter, count]) => ({ 'runs scatter by': scatter, ...count }));
  console.table(rows);
  const right = rows.reduce((sum, row) => sum + row.right, 0);
  const isMet = right >= leastRight * sure;
  console.log(
    `${right} of ${sure} sweeps that claimed to be sure were right to 5% ` +
      `(${isMet ? 'within' : 'MISSED'} ${leastRight}).`,
  );
  if (!isMet) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
