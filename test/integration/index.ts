import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import Mocha from 'mocha';
import type { SuiteResults } from './suiteResults';

/**
 * Runs the suites beside this file (as built, in dist/test/integration) inside VS Code's extension
 * host. The environment chooses:
 * - `BATCHWISE_TEST_FOLDER`: run the suites of this subfolder instead, such as `restricted`
 * - `BATCHWISE_TEST_GREP`: run only tests whose name contains this text
 * - `BATCHWISE_TEST_RESULTS`: write counts and failures to this file, as SuiteResults in JSON
 *
 * Rejects when a test failed or there was none to run.
 */
export async function run(): Promise<void> {
  const folder = path.join(__dirname, process.env.BATCHWISE_TEST_FOLDER ?? '');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.js')).sort();
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, color: false });
  const grep = process.env.BATCHWISE_TEST_GREP;
  if (grep) mocha.fgrep(grep);
  for (const file of files) mocha.addFile(path.join(folder, file));

  const results = await runMocha(mocha);
  const resultsFile = process.env.BATCHWISE_TEST_RESULTS;
  if (resultsFile) writeFileSync(resultsFile, JSON.stringify(results));
  if (results.failures.length > 0) {
    throw new Error(`${results.failures.length} of the tests in VS Code failed.`);
  }
  if (results.passed === 0) throw new Error(`No test ran in ${folder}.`);
}

function runMocha(mocha: Mocha): Promise<SuiteResults> {
  return new Promise((resolve) => {
    const results: SuiteResults = { passed: 0, failures: [], skipped: [] };
    mocha
      .run(() => {
        resolve(results);
      })
      .on('pass', () => (results.passed += 1))
      .on('fail', (test, error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        results.failures.push({ test: test.fullTitle(), message });
      })
      .on('pending', (test) => results.skipped.push(test.fullTitle()));
  });
}
