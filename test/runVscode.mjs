#!/usr/bin/env node
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runMain, SetupError } from '../scripts/command.mjs';
import { ensureBuild } from '../scripts/project.mjs';

const usage = `Runs a test suite in the extension host of a real VS Code, without a desktop.

node test/runVscode.mjs --suite FILE.js --workspace DIR [options]

  --suite FILE.js        CommonJS module exporting run(); the suite fails when run() throws
  --workspace DIR        folder or .code-workspace file to open; used as it is, not copied
  --vsix FILE            install this package and test it, not the sources
  --restricted           keep Workspace Trust on: the workspace opens in Restricted Mode
  --language TAG         the display language, such as ja
  --settings FILE.json   user settings
  --limit SECONDS        end a suite that runs longer (default 900)

The exit code is 0 when the suite passed, 1 when it failed or could not run, 2 for a wrong command
line.`;

/**
 * @typedef {object} SuiteRun
 * @property {string} suite
 * @property {string} workspace
 * @property {string} [vsix] the package to install and test; without one, the sources
 * @property {boolean} [restrictedMode]
 * @property {string} [language]
 * @property {Record<string, unknown>} [settings]
 * @property {NodeJS.ProcessEnv} [env] for the extension host
 * @property {number} [limitSeconds]
 */

/**
 * Runs one suite in a VS Code of its own and shows its console output.
 *
 * @param {SuiteRun} options
 * @returns {Promise<number>} the suite's exit code
 */
export async function runSuite(options) {
  const { launchBrowser, setWorkbenchLanguage } = await import('../scripts/browser.mjs');
  const { startVscodeServer, workbenchAddress } = await import('../scripts/vscodeServer.mjs');

  const browser = await launchBrowser();
  try {
    const server = await startVscodeServer(options);
    try {
      const page = await browser.newPage();
      if (options.language) await setWorkbenchLanguage(page, options.language);
      const exit = suiteExit(page, options.limitSeconds ?? 900);
      await exit.listening;
      await page.goto(workbenchAddress(server, options));
      const code = await exit.code;
      if (code === undefined) {
        console.error(`The suite was ended: it ran longer than its limit, or VS Code went away.`);
        console.error(server.log());
      }
      return code ?? 1;
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
  }
}

/** How messages of the workbench itself begin; they arrive among the suite's console output. */
const workbenchMessage = new RegExp(
  '^(Resolv(ing|ed) connection token|Creating a socket|Ignoring fetching|Updating additional|' +
    '\\[(reconnection-grace-time|remote-connection|AgentHost|AccountPolicyGate|Service Worker)|' +
    'Canceled: Canceled|Timed out waiting for authentication|Creation of workbench contribution)',
);

/**
 * VS Code reports the console output and the end of a suite to two functions of the page.
 *
 * @param {import('playwright-core').Page} page
 * @param {number} limitSeconds
 * @returns {{ listening: Promise<unknown>, code: Promise<number | undefined> }} `code` is undefined
 *   when the limit passed or the page crashed
 */
function suiteExit(page, limitSeconds) {
  /** @type {(code: number | undefined) => void} */
  let end = () => undefined;
  let ended = false;
  const code = new Promise((resolve) => (end = resolve));
  const timer = setTimeout(() => end(undefined), limitSeconds * 1000);
  void code.then(() => {
    ended = true;
    clearTimeout(timer);
  });
  page.on('crash', () => end(undefined));
  page.on('close', () => end(undefined));
  const listening = Promise.all([
    page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, args) => {
      if (ended || workbenchMessage.test(String(args[0]))) return;
      const show = type === 'error' || type === 'warn' ? console.error : console.log;
      show(...args);
    }),
    page.exposeFunction('codeAutomationExit', (/** @type {number} */ suiteCode) => end(suiteCode)),
  ]);
  return { listening, code };
}

function options() {
  try {
    return parseArgs({
      options: {
        suite: { type: 'string' },
        workspace: { type: 'string' },
        vsix: { type: 'string' },
        restricted: { type: 'boolean', default: false },
        language: { type: 'string' },
        settings: { type: 'string' },
        limit: { type: 'string', default: '900' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

async function main() {
  const values = options();
  if (!values) {
    console.error(usage);
    return 2;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const limitSeconds = Number(values.limit);
  if (!values.suite || !values.workspace || !(limitSeconds > 0)) {
    console.error(usage);
    return 2;
  }
  const suite = path.resolve(values.suite);
  const workspace = path.resolve(values.workspace);
  for (const file of [suite, workspace, ...(values.vsix ? [values.vsix] : [])]) {
    if (!existsSync(file)) throw new SetupError(`${file} does not exist.`);
  }

  if (!values.vsix) await ensureBuild();
  const { readSettings } = await import('../scripts/vscodeServer.mjs');
  return runSuite({
    suite,
    workspace,
    ...(values.vsix ? { vsix: values.vsix } : {}),
    restrictedMode: values.restricted,
    ...(values.language ? { language: values.language } : {}),
    ...(values.settings ? { settings: readSettings(values.settings) } : {}),
    limitSeconds,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runMain(main);
