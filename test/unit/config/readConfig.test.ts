import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/readConfig';
import { findRoot } from '../../../src/config/workspacePaths';
import { describe as sentence } from '../../../src/core/text/problem';

let folder: string;
let project: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'batchwise-config-')));
  project = path.join(folder, 'project');
  await mkdir(path.join(project, 'data'), { recursive: true });
  await mkdir(path.join(project, '.git'));
  await writeFile(path.join(project, 'model.json'), '{}');
  await writeFile(path.join(project, 'data', 'train.csv'), 'a,b\n1,2\n');
  await writeFile(path.join(folder, 'secret.csv'), 'a,b\n1,2\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(train: string, sources: string[] = []) {
  const file = path.join(project, 'batchwise.json');
  const config = { model: { topology: 'model.json' }, data: { train }, sources };
  await writeFile(file, JSON.stringify(config, null, 2));
  return readConfig(file);
}

async function problems(train: string): Promise<string> {
  const result = await read(train);
  return result.ok ? '' : result.problems.map((problem) => sentence(problem)).join('\n');
}

describe('reading a config', () => {
  it('gives its text, root and resolved paths', async () => {
    const result = await read('data/train.csv');
    expect(result).toMatchObject({
      ok: true,
      root: project,
      paths: { train: path.join(project, 'data', 'train.csv'), labels: null },
      warnings: [],
    });
  });

  it
    .skipIf(process.platform === 'win32')
    .each([
      [{ model: { topology: 'pipe' }, data: { train: 'data/train.csv' } }],
      [{ model: { module: 'pipe' }, data: { train: 'data/train.csv' } }],
      [{ model: { topology: 'model.json' }, data: { train: 'pipe' } }],
      [{ trainer: { python: 'pipe' } }],
    ])('refuses a pipe, which may never end, in %j', async (config) => {
    spawnSync('mkfifo', [path.join(project, 'pipe')]);
    const file = path.join(project, 'batchwise.json');
    await writeFile(file, JSON.stringify(config));
    const result = await readConfig(file);
    const said = result.ok ? '' : result.problems.map((problem) => sentence(problem)).join('\n');
    expect(said).toMatch(/pipe cannot be read: it is a pipe or a device/);
  });

  it('takes backslashes for separators', async () => {
    expect(await read('data\\train.csv')).toMatchObject({ ok: true });
  });

  it('allows what a link or .. reaches inside the root', async () => {
    await symlink(path.join(project, 'data'), path.join(project, 'link'));
    expect(await read('link/../data/train.csv')).toMatchObject({ ok: true });
    expect(await read('link/train.csv')).toMatchObject({
      paths: { train: path.join(project, 'data', 'train.csv') },
    });
  });

  it.each([
    [
      'data/trian.csv',
      /batchwise.json:6:14: The file data\/trian.csv does not exist. Did you mean train.csv/,
    ],
    ['nothing/here.csv', /:6:14: The data file nothing\/here.csv does not exist/],
    ['../secret.csv', /:6:14: The path ..\/secret.csv leaves the workspace folder/],
    ['..\\secret.csv', /leaves the workspace folder/],
    ['/etc/passwd', /The path \/etc\/passwd is absolute/],
    ['C:\\data\\train.csv', /is absolute/],
    ['model.json/x', /does not exist/],
  ])('refuses %s', async (train, expected) => {
    expect(await problems(train)).toMatch(expected);
  });

  it('refuses links that lead out of the root, and dangling ones', async () => {
    await symlink(path.join(folder, 'secret.csv'), path.join(project, 'out.csv'));
    await symlink(path.join(project, 'gone.csv'), path.join(project, 'dangling.csv'));
    await symlink(folder, path.join(project, 'up'));
    expect(await problems('out.csv')).toMatch(/leaves the workspace folder/);
    expect(await problems('up/secret.csv')).toMatch(/leaves the workspace folder/);
    expect(await problems('dangling.csv')).toMatch(/is a link to .*gone.csv, which does not exist/);
  });

  it('only warns of sources that are not there', async () => {
    const result = await read('data/train.csv', ['model.json', 'train.ts']);
    expect(result.ok && result.warnings.map((each) => sentence(each)).join()).toMatch(
      /:10:5: The source file train.ts does not exist/,
    );
  });

  it('says when there is no config, it is a folder, or it is not UTF-8', async () => {
    const file = path.join(project, 'batchwise.json');
    expect(await readConfig(file)).toMatchObject({ problems: [{ reason: 'configNotFound' }] });
    await writeFile(file, Buffer.from('\uFEFF{}', 'utf16le'));
    expect(await readConfig(file)).toMatchObject({ problems: [{ reason: 'configNotUtf8' }] });
    expect(await readConfig(project)).toMatchObject({ problems: [{ reason: 'configUnreadable' }] });
  });
});

describe('the root', () => {
  it('is the nearest folder with .git, else the own folder', async () => {
    expect(await findRoot(path.join(project, 'data', 'batchwise.json'))).toBe(project);
    expect(await findRoot(path.join(folder, 'batchwise.json'))).toBe(folder);
  });
});
