import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { endWithUs, run, SetupError } from './command.mjs';
import { root } from './project.mjs';
import { ensureVscodeServer } from './vscodeServerInstall.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {Record<string, unknown>} [settings] user settings
 * @property {boolean} [keepAlive] go on while no window is open; else the server ends some minutes
 *   after the last window, also when we were killed before `stop`
 * @property {boolean} [restrictedMode] keep Workspace Trust on, so that folders open untrusted
 * @property {NodeJS.ProcessEnv} [env] added to the environment of server and extension host
 * @property {string} [vsix] installs this package; without one, the extension is loaded from source
 */

/**
 * @typedef {object} VscodeServer
 * @property {number} port on 127.0.0.1
 * @property {string} token that a page's address must carry: others on this machine may not connect
 * @property {string} dataFolder holds user data, installed extensions and logs; removed by `stop`
 * @property {string} developmentFolder the extension that windows load from source
 * @property {() => string} log what the server wrote
 * @property {Promise<unknown>} ended settles when the server has ended
 * @property {() => Promise<void>} stop ends the server and every process it started
 */

/** Quiet, and the same on every machine. */
const defaultSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.openRepositoryInParentFolders': 'never',
};

/**
 * Starts a VS Code server with fresh user data on a free port of 127.0.0.1, installing it first
 * where it is missing.
 *
 * @param {ServerOptions} [options]
 * @returns {Promise<VscodeServer>}
 */
export async function startVscodeServer(options = {}) {
  const { node, serverMain } = await ensureVscodeServer();
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-vscode-'));
  const userFolder = path.join(dataFolder, 'data', 'User');
  mkdirSync(userFolder, { recursive: true });
  writeFileSync(
    path.join(userFolder, 'settings.json'),
    JSON.stringify({ ...defaultSettings, ...options.settings }, null, 2),
  );

  const token = randomUUID();
  const tokenFile = path.join(dataFolder, 'connection-token');
  writeFileSync(tokenFile, token, { mode: 0o600 });

  if (options.vsix) await installExtension({ node, serverMain }, dataFolder, options.vsix);

  const child = spawn(
    node,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', '0', '--server-data-dir', dataFolder],
      ...['--connection-token-file', tokenFile, '--accept-server-license-terms'],
      ...['--telemetry-level', 'off'],
      ...(options.keepAlive
        ? []
        : ['--enable-remote-auto-shutdown', '--reconnection-grace-time', '60']),
      // A built server ignores the page's payload (extension under development) without this.
      '--enable-smoke-test-driver',
      ...(options.restrictedMode ? [] : ['--disable-workspace-trust']),
    ],
    {
      cwd: dataFolder,
      // A group of its own: the server leaves extension hosts behind, `stop` ends the group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...withoutVscodeVariables(process.env),
        // No marketplace: this VS Code runs what is here and asks nothing of the network.
        EXTENSIONS_GALLERY: '{"serviceUrl":""}',
        ...options.env,
      },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));

  const killGroup = (/** @type {NodeJS.Signals} */ signal) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The whole group has ended.
    }
  };
  const removeData = () => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  const forget = endWithUs(() => {
    killGroup('SIGKILL');
    removeData();
  });
  const stop = async () => {
    killGroup('SIGTERM');
    const timer = setTimeout(() => killGroup('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
    killGroup('SIGKILL');
    forget();
    removeData();
  };

  try {
    const port = await listeningPort(child, () => output);
    const developmentFolder = options.vsix ? emptyExtension(dataFolder) : root;
    return { port, token, dataFolder, developmentFolder, ended, log: () => output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {{ node: string, serverMain: string }} installation
 * @param {string} dataFolder
 * @param {string} vsix
 */
async function installExtension({ node, serverMain }, dataFolder, vsix) {
  const { code, output } = await run(
    node,
    [
      serverMain,
      ...['--install-extension', path.resolve(vsix), '--server-data-dir', dataFolder],
      '--accept-server-license-terms',
    ],
    { capture: true, limitMs: 120_000, env: withoutVscodeVariables(process.env) },
  );
  // It ends with 0, too, when it has installed nothing.
  if (code === 0 && /was successfully installed/.test(output)) return;
  rmSync(dataFolder, { recursive: true, force: true });
  throw new SetupError(`VS Code did not install ${vsix}:\n${output}`);
}

/**
 * VS Code runs a suite only in a window with an extension under development: one that does nothing.
 *
 * @param {string} dataFolder
 */
function emptyExtension(dataFolder) {
  const folder = path.join(dataFolder, 'empty-extension');
  mkdirSync(folder);
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({
      name: 'empty',
      publisher: 'test',
      version: '0.0.1',
      engines: { vscode: '*' },
    }),
  );
  return folder;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} output
 * @returns {Promise<number>}
 */
function listeningPort(child, output) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) =>
      reject(new SetupError(`The VS Code server did not start: ${why}\n${output()}`));
    const timer = setTimeout(() => fail('it opened no port within 60 seconds.'), 60_000);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with code ${code}.`));
    child.stdout?.on('data', () => {
      const port = /Extension host agent listening on (\d+)/.exec(output())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}

/** Without the variables of a VS Code terminal or extension host we may have been started from. */
function withoutVscodeVariables(/** @type {NodeJS.ProcessEnv} */ env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(VSCODE_|ELECTRON_RUN_AS_NODE$)/.test(name)),
  );
}

/**
 * The address of a workbench with this extension in it.
 *
 * @param {VscodeServer} server
 * @param {{ workspace: string, suite?: string, openFile?: string }} what `workspace` is a folder or a
 *   `.code-workspace` file; `suite` a CommonJS module whose `run()` the extension host calls
 * @returns {string}
 */
export function workbenchAddress(
  { port, token, developmentFolder },
  { workspace, suite, openFile },
) {
  const remote = (/** @type {string} */ file) =>
    `vscode-remote://127.0.0.1:${port}${encodeURI(path.resolve(file))}`;
  const payload = [['extensionDevelopmentPath', remote(developmentFolder)]];
  if (suite !== undefined) payload.push(['extensionTestsPath', remote(suite)]);
  if (openFile !== undefined) payload.push(['openFile', remote(openFile)]);
  payload.push(['skipWelcome', 'true'], ['skipReleaseNotes', 'true']);
  const query = new URLSearchParams({
    tkn: token,
    [workspace.endsWith('.code-workspace') ? 'workspace' : 'folder']: path.resolve(workspace),
    payload: JSON.stringify(payload),
  });
  return `http://127.0.0.1:${port}/?${query}`;
}

/**
 * Reads a settings file given on a command line: JSON without comments.
 *
 * @param {string} file
 * @returns {Record<string, unknown>}
 */
export function readSettings(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SetupError(`${file} is not readable as JSON settings: ${error}`);
  }
}
