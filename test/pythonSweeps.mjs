import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { run } from '../scripts/command.mjs';
import { root } from '../scripts/project.mjs';

/** @typedef {import('./integrationSuites.mjs').Counts} Counts */

/**
 * Scripts of test/python/scripts, by the module that each needs.
 *
 * @typedef {Readonly<Record<string, readonly string[]>>} Scripts
 */

/**
 * Scripts as people write them.
 *
 * @type {Scripts}
 */
const scripts = {
  torch: [
    ...['torchArgparse.py', 'torchGlobals.py', 'torchTrainerClass.py', 'torchAccumulation.py'],
    ...['torchScaler.py', 'torchIterable.py', 'torchGan.py', 'torchBatchSampler.py'],
    ...['torchWorkers.py', 'notebook.ipynb', 'package.train', 'torchDistributed.py'],
  ],
  lightning: ['lightningDataModule.py', 'lightningLoaders.py', 'lightningCheckpoints.py'],
  datasets: ['trainerBert.py'],
  transformers: ['trainerCollator.py'],
  trl: ['trlPacked.py'],
  accelerate: ['accelerateAccumulate.py', 'accelerateFunction.py'],
  keras: ['kerasArrays.py', 'kerasFunctional.py', 'kerasDataset.py'],
  json: ['reportLoop.py'],
  numpy: ['reportNumpy.py'],
  sys: ['program.sh'],
};
/**
 * Those for which an environment of their own is made.
 *
 * @type {Scripts}
 */
export const backendScripts = {
  tensorflow: ['kerasTfData.py', 'kerasRepeated.py'],
  tf_keras: ['kerasLegacy.py'],
  jax: ['kerasJax.py'],
  optax: ['reportOptax.py'],
};
/** Stands for all of them where there is little time. */
const quickest = 'torchArgparse.py';
/** Importing takes a good part of it on a busy machine. */
const budget = '2 min';
const limitMs = 300_000;

/**
 * Tunes scripts from start to recommendation by `batchwise tune`, each unchanged and in a folder of
 * its own, and says what came of each.
 *
 * @param {string} python
 * @param {(name: string) => boolean} isWanted default: one that stands for all
 * @param {Scripts} among
 * @returns {Promise<Counts>}
 */
export async function sweepScripts(
  python,
  isWanted = (name) => name === quickest,
  among = scripts,
) {
  /** @type {Counts} */
  const counts = { passed: 0, failures: [], skipped: [] };
  for (const [needs, names] of Object.entries(among)) {
    for (const name of names.filter(isWanted)) {
      const test = `tunes ${name}`;
      // Not by an import: Keras's wants a backend.
      const found = `import importlib.util, sys; sys.exit(not importlib.util.find_spec("${needs}"))`;
      const has = await run(python, ['-c', found], { capture: true, limitMs });
      if (has.code !== 0) {
        counts.skipped.push(`${test}: ${needs} is not installed`);
        continue;
      }
      const { message, said } = await sweepOne(python, name);
      console.log(`${message === null ? 'tuned' : 'NOT TUNED'}: ${name}: ${message ?? said}`);
      if (message === null) counts.passed += 1;
      else counts.failures.push({ test, message });
    }
  }
  return counts;
}

/**
 * @param {string} python
 * @param {string} name
 * @returns {Promise<{ message: string | null, said: string }>} why it was not tuned, or what was said
 */
async function sweepOne(python, name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-script-'));
  try {
    cpSync(path.join(root, 'test', 'python', 'scripts'), folder, { recursive: true });
    const config = path.join(folder, 'batchwise.json');
    const settings = {
      trainer: { ...programOf(name), interpreter: python, env: { OMP_NUM_THREADS: '1' } },
      ...(name.endsWith('.sh') && { training: { batchSize: 8, learningRate: 0.1 } }),
      tuning: { budget },
    };
    writeFileSync(config, JSON.stringify(settings));
    const cli = path.join(root, 'dist', 'cli.js');
    const { code, output } = await run(process.execPath, [cli, 'tune', config], {
      capture: true,
      limitMs,
      // Sweeps elsewhere on this machine are no business of this test.
      env: { ...process.env, TMPDIR: folder },
    });
    const latest = path.join(folder, '.batchwise', 'batchwise', 'latest.json');
    if (code !== 0 || !existsSync(latest)) {
      return { message: `exit code ${code}: ${output.trim().slice(-300)}`, said: '' };
    }
    const { recommendation, notes, cost, trials } = JSON.parse(readFileSync(latest, 'utf8'));
    const took = `${trials.length} trials, ${cost.seconds.toFixed(0)} s`;
    if (recommendation === null) {
      return { message: `${notes[0]?.text ?? 'nothing was recommended'} (${took})`, said: '' };
    }
    return { message: null, said: `batch size ${recommendation.batchSize} (${took})` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} name */
function programOf(name) {
  if (name.endsWith('.sh')) return { command: ['sh', name, '{batchSize}', '{learningRate}'] };
  if (!/\.(py|ipynb)$/.test(name)) return { module: name };
  const launcher = name === 'torchDistributed.py' ? ['torchrun', '--nproc-per-node=2'] : [];
  return { python: name, launcher };
}
