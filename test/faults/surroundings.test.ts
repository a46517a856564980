import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildCommandLine,
  csv,
  denseConfig,
  endCommands,
  folderOf,
  runCommand,
} from '../process/commandLine';

/** Machines that are not like a developer's. */

let cli: string;
beforeAll(async () => {
  cli = await buildCommandLine();
});
afterAll(endCommands);

async function expectTuned(folder: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const args = ['tune', 'batchwise.json', '--budget', '6s', '--json'];
  const command = runCommand(cli, args, folder, env);
  expect(await command.ended, command.stderr()).toBe(0);
  expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
  return command.stderr();
}

const files = { 'data.csv': csv(), 'batchwise.json': denseConfig };

describe('a workspace', () => {
  it.each(['with spaces', 'ünïcödé 数据 🧪', "quote's & $dollar; 100%", '-dash'])(
    'in a folder called %s is tuned',
    async (name) => {
      const folder = folderOf(
        Object.fromEntries(
          Object.entries(files).map(([file, text]) => [path.join(name, file), text]),
        ),
      );
      await expectTuned(path.join(folder, name));
    },
  );

  it.skipIf(process.platform === 'win32')('that is reached by a link is tuned', async () => {
    const folder = folderOf(files);
    const link = path.join(folderOf({}), 'link');
    symlinkSync(folder, link);
    await expectTuned(link);
  });
});

describe.skipIf(process.platform !== 'linux')('an environment', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['whose home cannot be written', { HOME: '/proc', XDG_CACHE_HOME: '', XDG_CONFIG_HOME: '' }],
    ['without a home', { HOME: undefined }],
    ['of a desktop launch', { PATH: '/usr/bin:/bin', TERM: undefined, LANG: undefined }],
    [
      'of a snap',
      {
        SNAP: '/snap/code/1',
        SNAP_USER_DATA: '/home/user/snap/code/1',
        GTK_PATH: '/snap/code/1/usr/lib/x86_64-linux-gnu/gtk-3.0',
        XDG_DATA_HOME: '/snap/none/.local/share',
        XDG_DATA_DIRS: '/snap/code/1/usr/share',
        LD_LIBRARY_PATH: '/snap/code/1/lib',
      },
    ],
    [
      'of a Flatpak',
      {
        FLATPAK_ID: 'com.visualstudio.code',
        container: 'flatpak',
        XDG_DATA_HOME: '/none/.var/app/com.visualstudio.code/data',
        XDG_RUNTIME_DIR: '/none/run',
        LD_LIBRARY_PATH: '/app/lib',
      },
    ],
  ])('%s is enough to tune', async (_, env) => {
    await expectTuned(folderOf(files), env);
  });
});

/** Modes bind this user, too, once it may not override them. */
const asOthers =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

describe.skipIf(!works([...asOthers, 'true']))('a project that cannot be written', () => {
  it('is tuned, with a note', async () => {
    const folder = folderOf(files);
    chmodSync(folder, 0o555);
    const home = folderOf({});
    chmodSync(home, 0o555);
    try {
      const args = ['tune', 'batchwise.json', '--budget', '6s', '--json'];
      const command = runCommand(cli, args, folder, { HOME: home }, asOthers);
      expect(await command.ended, command.stderr()).toBe(0);
      expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
      expect(command.stderr().match(/cannot be resumed/g)).toHaveLength(1);
      expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
    } finally {
      chmodSync(folder, 0o755);
      chmodSync(home, 0o755);
    }
  });
});

/** Mounts a disk without room over a folder, for a command alone. */
const withFullDisk = (folder: string) => [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs -o size=4096 none "$0" && head -c 4096 /dev/zero > "$0/full" && exec "$@"',
  folder,
];

describe.skipIf(!works([...withFullDisk(tmpdir()), 'true']))('a disk that is full', () => {
  it.each([
    ['of logs', '.batchwise', /cannot be resumed/],
    ['of temporary files', 'temporary', /Comparing/],
    ['of reports', 'reports', /The report cannot be written: ENOSPC/],
  ])('%s costs what lies on it, and not the result', async (_, name, note) => {
    const folder = folderOf({ ...files, [`${name}/there`]: '' });
    const full = path.join(folder, name);
    const args = ['tune', 'batchwise.json', '--budget', '6s', '--json', '--report', 'reports/a.md'];
    mkdirSync(path.join(folder, 'reports'), { recursive: true });
    const env = name === 'temporary' ? { TMPDIR: full } : {};
    const command = runCommand(cli, args, folder, env, withFullDisk(full));
    expect(await command.ended, command.stderr()).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
    expect(command.stderr()).toMatch(note);
  });
});

function works([program = '', ...args]: readonly string[]): boolean {
  return process.platform === 'linux' && spawnSync(program, args).status === 0;
}

it.each([
  ['forward by a day', 86_400_000],
  ['back by a day', -86_400_000],
])('a clock that jumps %s in a sweep changes nothing', async (_, jump) => {
  const folder = folderOf(files);
  const preload = path.join(folderOf({}), 'clock.cjs');
  mkdirSync(path.dirname(preload), { recursive: true });
  writeFileSync(
    preload,
    `const now = Date.now; Date.now = () => now() + (performance.now() > 1500 ? ${jump} : 0);`,
  );
  const said = await expectTuned(folder, { NODE_OPTIONS: `--require="${preload}"` });
  expect(said).not.toMatch(/hung|started again/);
});
