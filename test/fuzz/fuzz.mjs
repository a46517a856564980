// Gives every reader of what others wrote inputs that are nearly right: `npm run fuzz`.
import { build } from 'esbuild';
import { fork } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '2' },
  },
});
/** Without an end of an input; long, for a machine may be busy with something else. */
const hangMs = 60_000;
/** A target that fails so often has one fault that hides the others. */
const mostFailures = 10;
const failures = path.resolve('test/output/fuzz');

/**
 * Readers of data read files from memory.
 *
 * @type {import('esbuild').Plugin}
 */
const filesInMemory = {
  name: 'files in memory',
  setup({ onResolve }) {
    const reader = /[\\/]src[\\/](?:trainer[\\/]data|config)[\\/]/;
    onResolve({ filter: /^node:fs(?:\/promises)?$/ }, ({ importer }) =>
      reader.test(importer) ? { path: path.resolve('test/fuzz/memoryFiles.ts') } : null,
    );
  },
};

mkdirSync('node_modules/.cache', { recursive: true });
const bundles = mkdtempSync(path.resolve('node_modules/.cache/batchwise-fuzz-'));
const work = mkdtempSync(path.join(memoryFolder(), 'batchwise-fuzz-'));
let isStopped = false;
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  // A program may send one to the whole group, and so twice to this one.
  process.on(signal, () => {
    isStopped = true;
    for (const child of running) child.kill('SIGKILL');
  });
}
try {
  await build({
    entryPoints: ['test/fuzz/child.ts', 'test/fuzz/targetNames.ts'],
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    sourcemap: 'inline',
    // Some of what is bundled is CommonJS.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    plugins: [filesInMemory],
  });
  const { targetNames } = await import(path.join(bundles, 'targetNames.mjs'));
  const chosen = values.target ?? targetNames;
  console.log(`seed ${values.seed}, ${values.inputs} inputs a target`);
  const waiting = [...chosen];
  let failed = 0;
  const takeTargets = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      if (!(await fuzz(target))) failed++;
      if (isStopped) return;
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, takeTargets));
  process.exitCode = isStopped ? 130 : Math.min(failed, 1);
} finally {
  for (const folder of [bundles, work]) rmSync(folder, { recursive: true, force: true });
}

/** Where files that are written for each input cost least. */
function memoryFolder() {
  const folder = '/dev/shm';
  try {
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return tmpdir();
  }
}

/**
 * Goes on behind an input that fails, in a new process.
 *
 * @param {string} target
 */
async function fuzz(target) {
  const started = performance.now();
  const first = Number(values.from);
  const end = first + Number(values.inputs);
  let from = first;
  let failed = 0;
  let most = 0;
  while (from < end && failed < mostFailures && !isStopped) {
    const { failedAt, peakMegabytes, reached } = await runInputs(target, from, end - from);
    most = Math.max(most, peakMegabytes);
    if (failedAt !== null) failed++;
    from = reached;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const told = failed > 0 ? `${failed} failed, ` : '';
  const stopped = isStopped ? `, stopped before ${from}` : '';
  console.log(
    `${target}: ${from - first} inputs${stopped}, ${told}${seconds} s, at most ${most} MB`,
  );
  return failed === 0;
}

/**
 * @param {string} target
 * @param {number} from the number of the first input
 * @param {number} inputs
 * @returns {Promise<{ failedAt: number | null, peakMegabytes: number, reached: number }>} what failed,
 *   and the number of the input to go on with
 */
async function runInputs(target, from, inputs) {
  const folder = mkdtempSync(path.join(work, 'target-'));
  const progress = path.join(folder, 'progress');
  writeFileSync(progress, String(from));
  const child = fork(
    path.join(bundles, 'child.mjs'),
    [
      ...['--target', target, '--seed', values.seed, '--from', String(from)],
      ...['--inputs', String(inputs), '--progress', progress, '--folder', folder],
    ],
    { execArgv: ['--enable-source-maps', '--max-old-space-size=768'] },
  );
  running.add(child);
  /** @type {{ index?: number, message?: string, input?: string, isText?: boolean, peakMegabytes?: number }} */
  let outcome = {};
  child.on('message', (message) => {
    outcome = /** @type {typeof outcome} */ (message);
  });
  let last = '';
  let still = 0;
  const looks = setInterval(() => {
    const now = readFileSync(progress, 'utf8');
    still = now === last && now !== String(from) ? still + 1000 : 0;
    last = now;
    if (still < hangMs) return;
    outcome = { index: Number(now), message: `hangs: ${hangMs / 1000} s without an end` };
    child.kill('SIGKILL');
  }, 1000);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(looks);
  running.delete(child);
  const { peakMegabytes = 0 } = outcome;
  if (code === 0 && peakMegabytes > 0)
    return { failedAt: null, peakMegabytes, reached: from + inputs };
  const index = outcome.index ?? Number(readFileSync(progress, 'utf8'));
  if (isStopped) return { failedAt: null, peakMegabytes, reached: index };
  console.error(
    `${target}: input ${index} of seed ${values.seed} ${outcome.message ?? `ended with ${code}`}`,
  );
  const again = `--target ${target} --seed ${values.seed} --from ${index} --inputs 1`;
  console.error(`  again: npm run fuzz -- ${again}`);
  if (outcome.input !== undefined) {
    mkdirSync(failures, { recursive: true });
    const file = path.join(failures, `${target}-${values.seed}-${index}`);
    writeFileSync(file, outcome.isText ? outcome.input : Buffer.from(outcome.input, 'base64'));
    console.error(`  input: ${file}`);
  }
  return { failedAt: index, peakMegabytes, reached: index + 1 };
}
