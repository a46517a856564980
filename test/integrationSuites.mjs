import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../scripts/project.mjs';
import { copyWorkspace } from './workspaceCopy.mjs';

/**
 * @typedef {object} IntegrationSuite
 * @property {string} name
 * @property {string} folder below test/integration whose `*.test.ts` it runs
 * @property {boolean} [restrictedMode] the workspace is untrusted
 * @property {string} [language] of VS Code
 * @property {string} [fixture] folder below test/fixtures that it opens a copy of
 * @property {string} [workspaceFile] `.code-workspace` file of the fixture to open
 */

/** @type {readonly IntegrationSuite[]} */
const suites = [
  { name: 'trusted workspace', folder: '.' },
  { name: 'Restricted Mode', folder: 'restricted', restrictedMode: true },
  { name: 'Japanese', folder: 'japanese', language: 'ja' },
  {
    name: 'multi-root workspace',
    folder: 'multiRoot',
    fixture: 'multiRoot',
    workspaceFile: 'both.code-workspace',
  },
];

/** The bundle with `run()`. */
export const suiteModule = path.join(root, 'dist', 'test', 'integration', 'index.js');

/**
 * Copies what a suite opens.
 *
 * @param {IntegrationSuite} suite
 * @returns {{ workspace: string, remove: () => void }} the folder or workspace file to open
 */
export function copySuiteWorkspace({ fixture = 'workspace', workspaceFile }) {
  const { folder, remove } = copyWorkspace(path.join(root, 'test', 'fixtures', fixture));
  return { workspace: workspaceFile ? path.join(folder, workspaceFile) : folder, remove };
}

/** The suites that have tests. */
export function integrationSuites() {
  return suites.filter(({ folder }) => {
    const location = path.join(root, 'test', 'integration', folder);
    return existsSync(location) && readdirSync(location).some((name) => name.endsWith('.test.ts'));
  });
}

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {{ test: string, message: string }[]} failures
 * @property {string[]} skipped names of tests that were there and did not run
 */

/**
 * Runs one suite by `launch` and reads what its tests came to. A suite that fails without a failed
 * test (it did not start, ran too long, had no test) counts as one failure.
 *
 * @param {IntegrationSuite} suite
 * @param {string | undefined} grep run only tests whose name contains this
 * @param {(env: Record<string, string>) => Promise<number>} launch starts VS Code with this
 *   environment; resolves to its exit code
 * @returns {Promise<Counts>}
 */
export async function countSuite(suite, grep, launch) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-results-'));
  const file = path.join(folder, 'results.json');
  try {
    const code = await launch({
      BATCHWISE_TEST_FOLDER: suite.folder,
      BATCHWISE_TEST_RESULTS: file,
      // The lock that keeps sweeps of a machine apart lies there: a sweep elsewhere must not stop these.
      TMPDIR: folder,
      ...(grep ? { BATCHWISE_TEST_GREP: grep } : {}),
    });
    /** @type {Counts} */
    const counts = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { passed: 0, failures: [], skipped: [] };
    if (code !== 0 && counts.failures.length === 0) {
      counts.failures.push({ test: suite.name, message: `VS Code ended with code ${code}.` });
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sumCounts(all) {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failures: all.flatMap(({ failures }) => failures),
    skipped: all.flatMap(({ skipped }) => skipped),
  };
}
