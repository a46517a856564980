import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../../protocol/isAlive';

const mark = '.staging-';

/**
 * An empty folder beside a final one, on the same disk, so that a rename puts it in place at once.
 * Removes first what installs that were killed have left.
 */
export async function stagingFolder(final: string): Promise<string> {
  const parent = path.dirname(final);
  const prefix = `${path.basename(final)}${mark}`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(/^\d+/.exec(name.slice(prefix.length))?.[0]);
    if (isAlive(pid)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const folder = path.join(parent, `${prefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  return folder;
}
