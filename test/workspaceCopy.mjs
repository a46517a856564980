import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

/**
 * Copies a workspace to a temporary folder, so that a test may change it.
 *
 * @param {string} folder
 * @returns {{ folder: string, remove: () => void }}
 */
export function copyWorkspace(folder) {
  const parent = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'batchwise-workspace-')));
  const copy = path.join(parent, path.basename(folder));
  cpSync(folder, copy, {
    recursive: true,
    // Results of earlier tunes would show up as if they were the test's.
    filter: (source) => path.basename(source) !== '.batchwise',
  });
  const remove = () => rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  return {
    folder: copy,
    remove: () => {
      process.off('exit', remove);
      remove();
    },
  };
}
