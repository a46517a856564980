import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { run } from '../scripts/command.mjs';
import { root } from '../scripts/project.mjs';

/** @typedef {import('./integrationSuites.mjs').Counts} Counts */

/** @typedef {'dependencies' | 'build' | 'browser' | 'vscodeServer'} Preparation */

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {string} command runs it alone
 * @property {readonly Preparation[]} needs what must be there before it runs
 * @property {readonly Preparation[]} [wants] what some of its tests skip themselves without
 * @property {true} [onOneCore] runs beside its neighbours that say the same
 * @property {() => Promise<Counts>} run
 */

const minutes = 60_000;
/** @type {readonly Preparation[]} */
const inVscode = ['dependencies', 'build', 'browser', 'vscodeServer'];

/** Every kind of test, in the order they run. @type {readonly Kind[]} */
export const kinds = [
  {
    name: 'types',
    command: 'npx tsc --noEmit',
    needs: ['dependencies'],
    onOneCore: true,
    run: () => check('types', 'node_modules/typescript/bin/tsc', ['--noEmit', '--pretty', 'false']),
  },
  {
    name: 'lint',
    command: 'npx eslint .',
    needs: ['dependencies'],
    onOneCore: true,
    run: () => check('lint', 'node_modules/eslint/bin/eslint.js', ['.']),
  },
  {
    name: 'circles',
    command: 'npx oxlint src webview',
    needs: ['dependencies'],
    onOneCore: true,
    run: () => check('circles', 'node_modules/oxlint/bin/oxlint', ['src', 'webview']),
  },
  {
    name: 'format',
    command: 'npx prettier --check .',
    needs: ['dependencies'],
    onOneCore: true,
    run: () =>
      check('format', 'node_modules/prettier/bin/prettier.cjs', [
        ...['--check', '.', '--log-level', 'warn'],
      ]),
  },
  {
    name: 'unit',
    command: 'npm run test:unit',
    needs: ['dependencies'],
    run: () => vitest('unit', ['test/unit/'], 20 * minutes),
  },
  {
    name: 'process',
    command: 'npm run test:process',
    needs: ['dependencies', 'build'],
    // Chromium brings the software GPU that WebGPU is tested on.
    wants: ['browser'],
    run: () => vitest('process', ['test/process/'], 20 * minutes),
  },
  {
    name: 'python',
    command: 'npm run test:python',
    needs: ['dependencies', 'build'],
    // Installs PyTorch and the frameworks into a cache folder on its first run.
    run: () =>
      counted('python', 25 * minutes, (file) => ['test/runPython.mjs', ...['--results', file]]),
  },
  {
    name: 'in VS Code',
    command: 'npm run test:integration',
    needs: inVscode,
    run: () =>
      counted('in VS Code', 16 * minutes, (file) => [
        'test/runIntegration.mjs',
        ...['--results', file],
      ]),
  },
  {
    name: 'end to end',
    command: 'npm run test:e2e',
    needs: inVscode,
    run: () => vitest('end to end', ['--config', 'test/e2e/vitest.config.mts'], 20 * minutes),
  },
  {
    name: 'packages',
    command: 'npm run test:package',
    needs: inVscode,
    run: () => vitest('packages', ['--config', 'test/package/vitest.config.mts'], 20 * minutes),
  },
];

/**
 * A tool that passes or fails as a whole: one test.
 *
 * @param {string} name
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function check(name, script, args) {
  const { code, output } = await node([script, ...args], 10 * minutes, { capture: true });
  if (code === 0) return { passed: 1, failures: [], skipped: [] };
  console.log(`\n--- ${name}\n${output}`);
  return {
    passed: 0,
    failures: [{ test: name, message: 'its findings are above' }],
    skipped: [],
  };
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {number} limitMs
 */
function vitest(name, args, limitMs) {
  return withResultsFile(async (file) => {
    const { code } = await node(
      [
        ...['node_modules/vitest/vitest.mjs', 'run', ...args],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      ],
      limitMs,
    );
    return orOneFailure(name, code, existsSync(file) ? readVitest(file) : undefined);
  });
}

/**
 * @typedef {object} VitestFile
 * @property {string} name
 * @property {string} status
 * @property {string} [message]
 * @property {{ fullName: string, status: string, failureMessages?: string[] }[]} assertionResults
 */

/**
 * @param {string} file written by vitest's json reporter
 * @returns {Counts}
 */
function readVitest(file) {
  /** @type {{ testResults: VitestFile[] }} */
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {Counts} */
  const counts = { passed: 0, failures: [], skipped: [] };
  for (const { name, status, message, assertionResults } of testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') {
        const [first = ''] = (test.failureMessages?.[0] ?? '').split('\n');
        counts.failures.push({ test: test.fullName, message: first });
      } else counts.skipped.push(test.fullName);
    }
    // A file that could not be loaded has no tests to count.
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      const [first = ''] = (message ?? '').split('\n');
      counts.failures.push({ test: path.relative(root, name), message: first });
    }
  }
  return counts;
}

/**
 * Runs one of our scripts that writes its Counts to a file.
 *
 * @param {string} name
 * @param {number} limitMs
 * @param {(file: string) => readonly string[]} args
 */
function counted(name, limitMs, args) {
  return withResultsFile(async (file) => {
    const { code } = await node(args(file), limitMs);
    /** @type {Counts | undefined} */
    const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    return orOneFailure(name, code, counts);
  });
}

/**
 * A run that fails and names no failed test counts as one failure, so that none can go unseen.
 *
 * @param {string} name
 * @param {number} code
 * @param {Counts | undefined} counts
 * @returns {Counts}
 */
function orOneFailure(name, code, counts) {
  const known = counts ?? { passed: 0, failures: [], skipped: [] };
  if (counts && code === 0) return known;
  if (known.failures.length > 0) return known;
  const message = `ended with code ${code} and named no failed test`;
  return { ...known, failures: [{ test: name, message }] };
}

/**
 * @template T
 * @param {(file: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withResultsFile(use) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-results-'));
  try {
    return await use(path.join(folder, 'results.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} args
 * @param {number} limitMs
 * @param {{ capture?: boolean }} [options]
 */
function node(args, limitMs, options) {
  return run(process.execPath, args, { cwd: root, limitMs, ...options });
}
