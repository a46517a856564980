import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { run } from '../scripts/command.mjs';

const minute = 60_000;
/** TensorFlow and JAX together take more than eight on a busy machine. */
const installMinutes = 20;

/**
 * The Python of an environment of its own, made in a cache folder on first use; null where there is
 * no Python 3.9 or newer, or where what it requires cannot be installed.
 *
 * @param {object} wanted
 * @param {string} [wanted.name] sets its folder apart
 * @param {string} wanted.requirements file of what it must have
 * @param {readonly (readonly string[])[]} [wanted.optional] what not every machine can install, each
 *   a group; what is missing is named
 * @returns {Promise<string | null>}
 */
export async function pythonEnvironment({ name, requirements, optional = [] }) {
  const version = await pythonVersion();
  if (version === null) return null;
  const key = createHash('sha256')
    .update(JSON.stringify([version, readFileSync(requirements, 'utf8'), optional]))
    .digest('hex')
    .slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache');
  const environment = path.join(
    cache,
    'batchwise',
    ['python', name, key].filter(Boolean).join('-'),
  );
  const python = path.join(environment, 'bin', 'python');
  const finished = path.join(environment, 'finished');
  if (existsSync(finished)) return python;
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(path.dirname(environment), { recursive: true });
  const made = await quietly('python3', ['-m', 'venv', environment], 3 * minute);
  if (made.code !== 0) return notRun(made.output);
  const install = (/** @type {readonly string[]} */ what) =>
    quietly(python, ['-m', 'pip', 'install', '--quiet', ...what], installMinutes * minute);
  const begun = Date.now();
  const needed = await install(['-r', requirements]);
  if (needed.code !== 0) {
    const isLate = Date.now() - begun >= installMinutes * minute;
    return notRun(isLate ? `pip took longer than ${installMinutes} minutes` : needed.output);
  }
  for (const each of optional) {
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
  console.error(`A Python environment could not be made: ${lastLine(output)}`);
  return null;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
