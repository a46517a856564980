import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A program that runs Node in a process that may hold only so many bytes of data; null where there
 * is no `prlimit` (https://man7.org/linux/man-pages/man1/prlimit.1.html).
 */
export async function limitedNode(folder: string, dataBytes: number): Promise<string | null> {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const file = path.join(folder, 'limited-node');
  await writeFile(file, `#!/bin/sh\nexec prlimit --data=${dataBytes} "${process.execPath}" "$@"\n`);
  await chmod(file, 0o755);
  return file;
}
