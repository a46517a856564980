#!/usr/bin/env node
import process from 'node:process';
import { SetupError } from '../scripts/command.mjs';
import { ensureBuild, ensureDependencies } from '../scripts/project.mjs';
import { ensureSystemPackages } from '../scripts/systemPackages.mjs';
import { ensureVscodeServer } from '../scripts/vscodeServerInstall.mjs';
import { kinds } from './kinds.mjs';

/**
 * Runs every test there is and ends with the line `N passed, M failed`. Installs and builds what is
 * missing first. What this machine cannot run is named with the reason and the command that makes it
 * run; on a build server (`CI` set) it is a failure.
 */

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string} command
 * @property {number} passed
 * @property {{ test: string, message: string }[]} failures
 * @property {{ what: string, why: string }[]} notRun
 * @property {number} seconds
 */

/** @type {Outcome[]} */
const outcomes = [];
const dependencies = await problemOf(ensureDependencies);
const build = dependencies ?? (await problemOf(ensureBuild));
if (build) {
  outcomes.push(
    outcome('build', 'npm run build', { failures: [{ test: 'build', message: build }] }),
  );
}
if (!dependencies) {
  for (const kind of kinds) outcomes.push(await runKind(kind));
}
report();

/**
 * @param {import('./kinds.mjs').Kind} kind
 * @returns {Promise<Outcome>}
 */
async function runKind(kind) {
  console.log(`\n=== ${kind.name}: ${kind.command}`);
  const { name, command } = kind;
  if (build && (kind.inVscode || kind.built)) {
    const message = 'needs dist/, which could not be built';
    return outcome(name, command, { failures: [{ test: name, message }] });
  }
  const missing = kind.inVscode ? await problemOf(prepareVscode) : undefined;
  if (missing) {
    console.log(missing);
    return process.env.CI
      ? outcome(name, command, { failures: [{ test: name, message: missing }] })
      : outcome(name, command, { notRun: [{ what: `all tests ${name}`, why: missing }] });
  }
  const started = performance.now();
  const { passed, failures, skipped } = await kind.run();
  return outcome(name, command, {
    passed,
    failures,
    notRun: skipped.map((test) => ({ what: test, why: `the test itself skips here (${command})` })),
    seconds: (performance.now() - started) / 1000,
  });
}

async function prepareVscode() {
  await ensureSystemPackages(['browser']);
  await ensureVscodeServer();
}

/**
 * @param {string} name
 * @param {string} command
 * @param {Partial<Outcome>} counts
 * @returns {Outcome}
 */
function outcome(name, command, counts) {
  return { name, command, passed: 0, failures: [], notRun: [], seconds: 0, ...counts };
}

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
