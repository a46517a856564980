import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** A sentence for the person at the terminal: printed without a stack trace. */
export class SetupError extends Error {}

/**
 * Runs a program and waits for its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{
 *   cwd?: string,
 *   env?: NodeJS.ProcessEnv,
 *   capture?: boolean,
 *   stdout?: 'inherit' | 'stderr',
 *   shell?: boolean,
 *   limitMs?: number,
 * }} [options] `capture` collects the output instead of showing it; `stdout: 'stderr'` shows it on
 *   stderr, for callers whose own stdout is a contract; `limitMs` ends the program with SIGTERM
 * @returns {Promise<{ code: number, output: string }>} `code` is 127 when it could not be started
 */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const shown = options.stdout === 'stderr' ? 2 : 'inherit';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: options.capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', shown, 'inherit'],
      timeout: options.limitMs,
    });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => (output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    const forget = endWithUs(() => child.kill());
    const end = (/** @type {number} */ code, /** @type {string} */ said) => {
      forget();
      resolve({ code, output: said });
    };
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code) => end(code ?? 1, output));
  });
}

/**
 * The full path of the first of these programs that is on PATH.
 *
 * @param {...string} names
 * @returns {string | undefined}
 */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const name of names) {
    for (const folder of folders) {
      for (const ending of endings) {
        const file = path.join(folder, name + ending);
        if (isExecutable(file)) return file;
      }
    }
  }
  return undefined;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs npm with the npm that started us, where there is one, else with the one on PATH.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2] & { node?: string }} [options] `node`: the Node that npm runs on,
 * and that it tells install scripts of; default: ours
 */
export function runNpm(args, { node = process.execPath, ...options } = {}) {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return run(node, [own, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/**
 * The environment without what an outer `npm run` has put there about our own package: an install
 * inside would take its folder and settings for its own.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function cleanNpmEnvironment(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !/^(npm_package_|npm_lifecycle_|npm_config_(local_prefix|user_agent)$|INIT_CWD$)/.test(
          name,
        ),
    ),
  );
}

/**
 * Calls `end` when this process ends without having undone what it started: by exit or by a signal.
 *
 * @param {() => void} end synchronous
 * @returns {() => void} takes the call back
 */
export function endWithUs(end) {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
  const onSignal = (/** @type {keyof typeof numbers} */ signal) => {
    end();
    process.exit(128 + numbers[signal]);
  };
  const signals = /** @type {(keyof typeof numbers)[]} */ (Object.keys(numbers));
  process.once('exit', end);
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    process.off('exit', end);
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/**
 * Runs a script's `main` and turns a SetupError into its sentence and exit code 1.
 *
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
