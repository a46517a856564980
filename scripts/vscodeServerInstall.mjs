import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { cleanNpmEnvironment, run, runNpm, SetupError } from './command.mjs';
import { ensureSystemPackages } from './systemPackages.mjs';

/** The code-server package holds the built VS Code server (1.139.1) and runs on this Node. */
const versions = { node: '24.21.0', 'code-server': '4.139.1' };

/**
 * Where the server is kept: outside node_modules, because its native modules take minutes to
 * compile. `BATCHWISE_VSCODE_CACHE` moves it.
 */
function cacheFolder() {
  const base =
    process.env.BATCHWISE_VSCODE_CACHE ??
    path.join(
      process.env.XDG_CACHE_HOME ??
        (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ??
        path.join(os.homedir(), '.cache'),
      'batchwise-vscode',
    );
  const name = `code-server-${versions['code-server']}-node-${versions.node}`;
  return path.join(path.resolve(base), `${name}-${process.platform}-${process.arch}`);
}

/**
 * @typedef {object} ServerInstallation
 * @property {string} node the Node that runs the server
 * @property {string} serverMain VS Code's own server entry
 */

/**
 * Two npm projects: installing into one would remove the headers that Node's own install put there.
 *
 * @param {string} folder
 */
function parts(folder) {
  return { node: path.join(folder, 'node'), server: path.join(folder, 'server') };
}

/**
 * @param {string} folder
 * @returns {ServerInstallation}
 */
function locate(folder) {
  const { node, server } = parts(folder);
  return {
    node: path.join(node, 'node_modules', 'node', 'bin', 'node'),
    serverMain: path.join(server, 'node_modules/code-server/lib/vscode/out/server-main.js'),
  };
}

const stampName = 'installed.json';

/** The installation in the cache, or undefined where there is none that was completed. */
export function installedVscodeServer() {
  const folder = cacheFolder();
  const stamp = path.join(folder, stampName);
  const installation = locate(folder);
  const complete =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === JSON.stringify(versions) &&
    existsSync(installation.node) &&
    existsSync(installation.serverMain);
  return complete ? installation : undefined;
}

/**
 * Finds the VS Code server, installing it once where it is missing (some minutes).
 * Needs the project's dependencies. Throws a SetupError where it cannot be installed.
 *
 * @returns {Promise<ServerInstallation>}
 */
export async function ensureVscodeServer() {
  const present = installedVscodeServer();
  if (present) return present;
  if (process.platform === 'win32') {
    throw new SetupError(
      'The VS Code web server cannot be installed on Windows. Use desktop VS Code: npm run test:desktop',
    );
  }

  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  const { default: lockfile } = await import('proper-lockfile');
  const release = await lockfile.lock(folder, {
    lockfilePath: `${folder}.lock`,
    stale: 60_000,
    // Another run may be installing: wait for it, up to 15 minutes.
    retries: { retries: 450, factor: 1, minTimeout: 2000 },
  });
  try {
    return installedVscodeServer() ?? (await install(folder));
  } finally {
    await release();
  }
}

/** @returns {Promise<ServerInstallation>} */
async function install(/** @type {string} */ folder) {
  if (process.platform === 'linux') await ensureSystemPackages(['compiler', 'libraries']);
  console.error(
    `Installing the VS Code server (code-server ${versions['code-server']}) into ${folder}; ` +
      'this happens once and takes some minutes …',
  );
  const { node, server } = parts(folder);
  rmSync(path.join(folder, stampName), { force: true });
  for (const part of [node, server]) {
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part);
    writeFileSync(path.join(part, 'package.json'), '{ "private": true }\n');
  }

  await npmInstall(node, `node@${versions.node}`, process.env);
  const installation = locate(folder);
  // npm and every install script below must run on this Node: code-server refuses others.
  const PATH = path.dirname(installation.node) + path.delimiter + (process.env.PATH ?? '');
  const headers = nodeWithHeaders(node);
  await npmInstall(
    server,
    `code-server@${versions['code-server']}`,
    { ...process.env, PATH, ...(headers ? { npm_config_nodedir: headers } : {}) },
    installation.node,
  );

  const { code, output } = await run(installation.node, [installation.serverMain, '--version'], {
    capture: true,
    limitMs: 60_000,
  });
  if (code !== 0) throw new SetupError(`The installed VS Code server does not start: ${output}`);
  writeFileSync(path.join(folder, stampName), JSON.stringify(versions));
  return installation;
}

/**
 * @param {string} folder
 * @param {string} specification `name@version`
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [nodePath] the Node that npm runs on; default: ours
 */
async function npmInstall(folder, specification, env, nodePath) {
  const { code, output } = await runNpm(
    ['install', specification, '--no-audit', '--no-fund', '--loglevel', 'error'],
    {
      cwd: folder,
      env: cleanNpmEnvironment(env),
      capture: true,
      ...(nodePath !== undefined && { node: nodePath }),
    },
  );
  if (code !== 0) {
    throw new SetupError(
      `${output.trim().split('\n').slice(-30).join('\n')}\n` +
        `Installing ${specification} for the tests in VS Code failed (npm's last lines are above). ` +
        'They need the npm registry and a C++ compiler; run the command again to retry.',
    );
  }
}

/**
 * A folder with `include/node`, so that node-gyp need not download Node's headers: the package of
 * the Node just installed, else a Node of the system (the modules use Node-API, stable across versions).
 *
 * @param {string} nodeProject
 * @returns {string | undefined}
 */
function nodeWithHeaders(nodeProject) {
  const packages = path.join(nodeProject, 'node_modules', 'node', 'node_modules');
  const candidates = [
    ...(existsSync(packages) ? readdirSync(packages).map((name) => path.join(packages, name)) : []),
    path.resolve(path.dirname(process.execPath), '..'),
    '/usr',
    '/usr/local',
  ];
  return candidates.find((candidate) =>
    existsSync(path.join(candidate, 'include', 'node', 'common.gypi')),
  );
}
