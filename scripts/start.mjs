import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { runMain } from './command.mjs';
import { ensureBuild, root } from './project.mjs';

/** Installs and builds what is missing, then tunes the glyphs example in this terminal. */
await runMain(async () => {
  await ensureBuild();
  const config = path.join('examples', 'glyphs', 'batchwise.json');
  const { status, error } = spawnSync(
    process.execPath,
    [path.join('dist', 'cli.js'), 'tune', config, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  );
  if (error) throw error;
  if (status === 0) {
    console.log('\nOpen this example in VS Code:      npm run vscode');
    console.log('Open a folder of yours instead:    npm run vscode -- path/to/folder');
  }
  return status ?? 1;
});
