import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { findProgram, runMain, SetupError } from './command.mjs';
import { ensureBuild, root } from './project.mjs';

const example = path.join(root, 'examples', 'glyphs');

/** Opens a workspace (default: the glyphs example) in VS Code with this extension loaded. */
await runMain(async () => {
  const workspace = path.resolve(process.argv[2] ?? example);
  if (!existsSync(workspace)) throw new SetupError(`${workspace} does not exist.`);
  await ensureBuild();
  const code = hasDisplay() ? findProgram('code') : undefined;
  return code ? openDesktop(code, workspace) : openServer(workspace);
});

function hasDisplay() {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * @param {string} code VS Code's command
 * @param {string} workspace
 */
function openDesktop(code, workspace) {
  const { status, error } = spawnSync(
    code,
    ['--new-window', `--extensionDevelopmentPath=${root}`, workspace],
    // `code` is a batch file on Windows, which only a shell starts.
    { stdio: 'inherit', shell: process.platform === 'win32' },
  );
  if (error) throw error;
  return status ?? 1;
}

/** @param {string} workspace */
async function openServer(workspace) {
  console.log('No desktop VS Code here (`code` on PATH and a display): serving VS Code instead.');
  const { startVscodeServer, workbenchAddress } = await import('./vscodeServer.mjs');
  const server = await startVscodeServer({
    keepAlive: true,
    // Our own example is trusted; another folder is for the person to trust.
    restrictedMode: workspace !== example,
  });
  const config = path.join(workspace, 'batchwise.json');
  const address = workbenchAddress(server, {
    workspace,
    ...(existsSync(config) ? { openFile: config } : {}),
  });
  console.log(`\nOpen in a browser on this machine:\n\n  ${address}\n`);
  console.log('Ctrl+C ends the server.');
  await server.ended;
  console.error(`The server has ended.\n${server.log()}`);
  await server.stop();
  return 1;
}
