#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runMain, SetupError } from '../scripts/command.mjs';
import { ensureBuild, root } from '../scripts/project.mjs';
import {
  copySuiteWorkspace,
  countSuite,
  integrationSuites,
  suiteModule,
  sumCounts,
} from './integrationSuites.mjs';

/**
 * Runs test/integration in desktop VS Code, which is downloaded where it is missing.
 *
 * node test/runDesktop.mjs [--grep TEXT] [--vscode VERSION]    VERSION: stable (default), or 1.106.0
 */
await runMain(async () => {
  const { values } = parseArgs({
    options: { grep: { type: 'string' }, vscode: { type: 'string', default: 'stable' } },
  });
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new SetupError(
      'Desktop VS Code needs a display and there is none here. Run: xvfb-run -a npm run test:desktop',
    );
  }
  await ensureBuild();
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  const vscodeExecutablePath = await downloadAndUnzipVSCode(values.vscode).catch((error) => {
    throw new SetupError(
      `Desktop VS Code could not be downloaded: ${error}\n` +
        'The same tests run without it: node test/runIntegration.mjs',
    );
  });

  const all = [];
  for (const suite of integrationSuites()) {
    console.log(`\nIn desktop VS Code: ${suite.name}`);
    const copy = copySuiteWorkspace(suite);
    const userData = mkdtempSync(path.join(os.tmpdir(), 'batchwise-user-'));
    try {
      all.push(
        await countSuite(suite, values.grep, (env) =>
          runTests({
            vscodeExecutablePath,
            extensionDevelopmentPath: root,
            extensionTestsPath: suiteModule,
            extensionTestsEnv: env,
            launchArgs: [
              copy.workspace,
              `--user-data-dir=${userData}`,
              '--disable-extensions',
              ...(suite.restrictedMode ? [] : ['--disable-workspace-trust']),
              ...(suite.language ? ['--locale', suite.language] : []),
            ],
          }).catch((error) => {
            console.error(String(error));
            return 1;
          }),
        ),
      );
    } finally {
      copy.remove();
      rmSync(userData, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  const { passed, failures } = sumCounts(all);
  console.log(`\n${passed} passed, ${failures.length} failed`);
  return failures.length > 0 ? 1 : 0;
});
