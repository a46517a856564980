#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain } from '../scripts/command.mjs';
import { ensureBuild } from '../scripts/project.mjs';
import {
  copySuiteWorkspace,
  countSuite,
  integrationSuites,
  suiteModule,
  sumCounts,
} from './integrationSuites.mjs';
import { testPython } from './runPython.mjs';
import { runSuite } from './runVscode.mjs';

/**
 * Runs test/integration in a real VS Code, without a desktop.
 *
 * node test/runIntegration.mjs [--grep TEXT] [--results FILE.json]
 */
await runMain(async () => {
  const { values } = parseArgs({
    options: { grep: { type: 'string' }, results: { type: 'string' } },
  });
  await ensureBuild();
  const python = await testPython();
  const all = [];
  for (const suite of integrationSuites()) {
    console.log(`\nIn VS Code: ${suite.name}`);
    const copy = copySuiteWorkspace(suite);
    try {
      all.push(
        await countSuite(suite, values.grep, (env) =>
          runSuite({
            ...suite,
            suite: suiteModule,
            workspace: copy.workspace,
            env: { ...env, ...(python !== null && { BATCHWISE_TEST_PYTHON: python }) },
          }),
        ),
      );
    } finally {
      copy.remove();
    }
  }
  const counts = sumCounts(all);
  if (values.results) writeFileSync(values.results, JSON.stringify(counts));
  return counts.failures.length > 0 ? 1 : 0;
});
