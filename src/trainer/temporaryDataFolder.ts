import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder for data that is unpacked, removed when this process ends. */
export function temporaryDataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), `batchwise-data-${process.pid}-`));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
