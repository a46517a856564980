import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The process that started this one. */
const starter = process.ppid;

/** Removes a folder of the process that started this one, at the end, where that one is gone. */
export function removeIfOrphaned(folder: string): void {
  process.on('exit', () => {
    if (process.ppid !== starter) rmSync(folder, { recursive: true, force: true });
  });
}

/** A folder for data that is unpacked, removed when this process ends. */
export function temporaryDataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), `batchwise-data-${process.pid}-`));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
