import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from '../scripts/command.mjs';
import { root } from '../scripts/project.mjs';

/** @typedef {import('./integrationSuites.mjs').Counts} Counts */

const folder = path.join(root, 'test', 'python');
/** What not every machine can install; tests that need what is missing name themselves as skipped. */
const frameworks = [
  ['lightning==2.6.6'],
  ['accelerate==1.15.0', 'transformers==5.24.0', 'datasets==5.2.0'],
  ['keras==3.15.1'],
];
const minute = 60_000;

/**
 * The Python of an environment for the tests, made in a cache folder on first use; null where there
 * is no Python 3.9 or newer, or where PyTorch cannot be installed.
 *
 * @returns {Promise<string | null>}
 */
export async function testPython() {
  const version = await pythonVersion();
  if (version === null) return null;
  const requirements = path.join(folder, 'requirements.txt');
  const key = createHash('sha256')
    .update(JSON.stringify([version, readFileSync(requirements, 'utf8'), frameworks]))
    .digest('hex')
    .slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache');
  const environment = path.join(cache, 'batchwise', `python-${key}`);
  const python = path.join(environment, 'bin', 'python');
  const finished = path.join(environment, 'finished');
  if (existsSync(finished)) return python;
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(path.dirname(environment), { recursive: true });
  const made = await quietly('python3', ['-m', 'venv', environment], 3 * minute);
  if (made.code !== 0) return notRun(made.output);
  const install = (/** @type {readonly string[]} */ what) =>
    quietly(python, ['-m', 'pip', 'install', '--quiet', ...what], 8 * minute);
  const needed = await install(['-r', requirements]);
  if (needed.code !== 0) return notRun(needed.output);
  for (const each of frameworks) {
    const { code, output } = await install(each);
    if (code !== 0) console.error(`${each.join(', ')}: not installed: ${lastLine(output)}`);
  }
  writeFileSync(finished, '');
  return python;
}

/** @returns {Promise<string | null>} */
async function pythonVersion() {
  const program =
    'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 9))';
  const { code, output } = await quietly('python3', ['-c', program], minute);
  return code === 0 ? output.trim() : null;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} limitMs
 */
function quietly(program, args, limitMs) {
  return run(program, args, { capture: true, limitMs });
}

/** @param {string} output */
function notRun(output) {
  console.error(`The environment of Python's tests could not be made: ${lastLine(output)}`);
  return null;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

/** @returns {Promise<Counts>} */
async function runTests() {
  const python = await testPython();
  if (python === null) return { passed: 0, failures: [], skipped: ['every test of python/'] };
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'batchwise-python-'));
  try {
    const file = path.join(scratch, 'results.xml');
    const { code } = await run(
      python,
      ['-B', '-m', 'pytest', '-n', '2', `--junitxml=${file}`, `--basetemp=${scratch}/work`, '.'],
      { cwd: folder, limitMs: 12 * minute },
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const counts = await runTests();
  const at = process.argv.indexOf('--results');
  const file = at < 0 ? undefined : process.argv[at + 1];
  if (file) writeFileSync(file, JSON.stringify(counts));
  for (const name of counts.skipped) console.log(`not run: ${name}`);
  process.exitCode = counts.failures.length > 0 ? 1 : 0;
}
