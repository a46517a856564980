#!/usr/bin/env node
import process from 'node:process';
import { SetupError } from '../scripts/command.mjs';
import { ensureBuild, ensureDependencies } from '../scripts/project.mjs';
import { ensureSystemPackages } from '../scripts/systemPackages.mjs';
import { ensureVscodeServer } from '../scripts/vscodeServerInstall.mjs';
import { kinds } from './kinds.mjs';
import { runKinds } from './runKinds.mjs';

/**
 * Runs every test there is and ends with the line `N passed, M failed`. Installs and builds what is
 * missing first. What this machine cannot run is named with the reason and the command that makes it
 * run; on a build server (`CI` set) it is a failure.
 */

const outcomes = await runKinds({
  kinds,
  isBuildServer: Boolean(process.env.CI),
  preparations: {
    dependencies: () => problemOf(ensureDependencies),
    build: () => problemOf(ensureBuild),
    browser: () => problemOf(() => ensureSystemPackages(['browser'])),
    vscodeServer: () => problemOf(ensureVscodeServer),
  },
});
report();

/**
 * @param {() => Promise<unknown>} prepare
 * @returns {Promise<string | undefined>} why it could not be done
 */
async function problemOf(prepare) {
  try {
    await prepare();
    return undefined;
  } catch (error) {
    return error instanceof SetupError ? error.message : String(error);
  }
}

function report() {
  console.log(`\n${'kind'.padEnd(12)}${cells('passed', 'failed', 'not run', 'seconds')}`);
  for (const { name, passed, failures, notRun, seconds } of outcomes) {
    const counts = cells(passed, failures.length, notRun.length, seconds.toFixed(0));
    console.log(`${name.padEnd(12)}${counts}`);
  }

  const failed = outcomes.flatMap(({ failures }) => failures);
  const notRun = outcomes.flatMap((kind) => kind.notRun);
  if (notRun.length > 0) {
    console.log('\nNot run:');
    for (const { what, why } of notRun) console.log(`- ${what}: ${why}`);
  }
  if (failed.length > 0) {
    console.log('\nFailed:');
    for (const { test, message } of failed) console.log(`- ${test}: ${message}`);
  }
  console.log('\nDesktop VS Code is tested by itself: npm run test:desktop');
  const passed = outcomes.reduce((sum, kind) => sum + kind.passed, 0);
  console.log(`${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** @param {...(number | string)} values */
function cells(...values) {
  return values.map((value) => String(value).padStart(9)).join('');
}
