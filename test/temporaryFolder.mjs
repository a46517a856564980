import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives all tests of a run one folder for what they write, and removes it after the last: a test's
 * process may be ended before it has cleaned up.
 */
export function setup() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'batchwise-tests-'));
  // The processes that run the tests inherit these.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
