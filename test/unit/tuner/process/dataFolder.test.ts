import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataFolder } from '../../../../src/tuner/process/dataFolder';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'batchwise-folders-'));
});
afterEach(() => rm(parent, { recursive: true }));

it('goes when it is removed, with all that is in it', async () => {
  const folder = new DataFolder(parent);
  await mkdir(path.join(folder.path, 'train'));
  await writeFile(path.join(folder.path, 'train', 'features'), 'x');
  folder.remove();
  expect(await readdir(parent)).toEqual([]);
});

it('goes when the next is made where a process was killed, and no other does', async () => {
  const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
  const left = path.join(parent, `batchwise-data-${dead}-abc`);
  const other = path.join(parent, 'batchwise-data-of-mine');
  for (const each of [left, other]) await mkdir(each);
  const first = new DataFolder(parent);
  const second = new DataFolder(parent);
  expect(existsSync(left)).toBe(false);
  for (const each of [other, first.path, second.path]) expect(existsSync(each)).toBe(true);
  first.remove();
  second.remove();
});
