import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run, SetupError } from '../scripts/command.mjs';
import { ensureBuild, root } from '../scripts/project.mjs';
import { ensureSystemPackages } from '../scripts/systemPackages.mjs';
import { backendScripts, sweepScripts } from './pythonSweeps.mjs';
import { sumCounts } from './integrationSuites.mjs';
import { pythonEnvironment } from './pythonEnvironment.mjs';

/** @typedef {import('./integrationSuites.mjs').Counts} Counts */

const folder = path.join(root, 'test', 'python');
/** What not every machine can install; tests that need what is missing name themselves as skipped. */
const frameworks = [
  ['lightning==2.6.6'],
  ['accelerate==1.15.0', 'transformers==5.24.0', 'datasets==5.2.0'],
  ['keras==3.15.1'],
];
/** What only `--all` installs. */
const furtherFrameworks = [['trl==1.16.0']];
const minute = 60_000;

/**
 * The Python of an environment for the tests; null where there is none.
 *
 * @param {readonly (readonly string[])[]} further more frameworks than every run of the tests needs
 * @returns {Promise<string | null>}
 */
export function testPython(further = []) {
  return pythonEnvironment({
    requirements: path.join(folder, 'requirements.txt'),
    optional: [...frameworks, ...further],
  });
}

/**
 * TensorFlow, Keras 2 and JAX, in an environment of their own: the first two bring other releases of
 * what the rest needs.
 *
 * @returns {Promise<Counts>}
 */
async function runBackends() {
  const requirements = path.join(folder, 'backends.txt');
  const python = await pythonEnvironment({ name: 'backends', requirements });
  if (python === null) {
    return { passed: 0, failures: [], skipped: ['every test of TensorFlow and JAX'] };
  }
  return sumCounts([
    await runPytest(python, ['testBackends.py']),
    await sweepScripts(python, () => true, backendScripts),
  ]);
}

/**
 * Ray, Slurm and ssh: real ones that the tests start on this machine.
 *
 * @returns {Promise<Counts>}
 */
async function runPlaces() {
  try {
    await ensureSystemPackages(['slurm', 'sshServer']);
  } catch (error) {
    // Tests of what is missing name themselves.
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
  }
  const requirements = path.join(folder, 'places.txt');
  const python = await pythonEnvironment({ name: 'places', requirements });
  if (python === null) {
    return { passed: 0, failures: [], skipped: ['every test of Ray, Slurm and ssh'] };
  }
  return runPytest(python, ['testPlaces.py'], { BATCHWISE_TEST_PLACES: '1' });
}

/** Tests that `--all` runs in environments of their own. */
const leftOut = ['--ignore=testBackends.py', '--ignore=testPlaces.py'];

/**
 * @param {string} python
 * @param {readonly string[]} tests a file or a folder of tests, and what to leave out of it
 * @param {Readonly<Record<string, string>>} env added to this process's own
 * @returns {Promise<Counts>}
 */
async function runPytest(python, tests = ['.'], env = {}) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'batchwise-python-'));
  try {
    const file = path.join(scratch, 'results.xml');
    const { code } = await run(
      python,
      [
        ...['-B', '-m', 'pytest', '-n', '2', '--dist', 'loadgroup'],
        ...[`--junitxml=${file}`, `--basetemp=${scratch}/work`, ...tests],
      ],
      { cwd: folder, limitMs: 12 * minute, env: { ...process.env, ...env } },
    );
    const counts = existsSync(file) ? readResults(readFileSync(file, 'utf8')) : null;
    if (counts && (code === 0 || counts.failures.length > 0)) return counts;
    const message = `ended with code ${code} and named no failed test`;
    return { passed: 0, skipped: [], ...counts, failures: [{ test: 'python', message }] };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} xml written by pytest
 * @returns {Counts}
 */
function readResults(xml) {
  /** @type {Counts} */
  const counts = { passed: 0, failures: [], skipped: [] };
  for (const [, attributes = '', body = ''] of xml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    const name = /(?:^| )name="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const failure = /<(?:failure|error) message="([^"]*)"/.exec(body)?.[1];
    if (failure !== undefined) counts.failures.push({ test: name, message: failure });
    else if (body.includes('<skipped')) counts.skipped.push(name);
    else counts.passed += 1;
  }
  return counts;
}

// `--all` tunes every script of test/python/scripts to a recommendation, which takes half an hour, and
// installs TRL, TensorFlow and JAX for theirs, and Ray, Slurm and an ssh server to tune in; `--tune
// NAME,NAME` tunes some, and runs no other test.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      all: { type: 'boolean', default: false },
      tune: { type: 'string' },
      results: { type: 'string' },
    },
  });
  const named = values.tune?.split(',');
  const needsFurther = values.all || named?.some((name) => name.startsWith('trl'));
  const python = await testPython(needsFurther ? furtherFrameworks : []);
  /** @type {Counts} */
  let counts = { passed: 0, failures: [], skipped: ['every test of python/'] };
  if (python !== null) {
    await ensureBuild();
    const isWanted = values.all
      ? () => true
      : named && ((/** @type {string} */ name) => named.includes(name));
    counts = sumCounts([
      ...(named ? [] : [await runPytest(python, ['.', ...(values.all ? leftOut : [])])]),
      await sweepScripts(python, isWanted),
      ...(values.all ? [await runBackends(), await runPlaces()] : []),
    ]);
  }
  if (values.results) writeFileSync(values.results, JSON.stringify(counts));
  for (const name of counts.skipped) console.log(`not run: ${name}`);
  process.exitCode = counts.failures.length > 0 ? 1 : 0;
}
