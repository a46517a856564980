import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildCommandLine,
  csv,
  denseConfig,
  endCommands,
  folderOf,
  gone,
  isAlive,
  leftovers,
  moduleFolder,
  runCommand,
  trainingProcessOf,
  twoClasses,
} from './commandLine';

/** Faults caused for real to the terminal's command; docs/faults.md lists them. */

let cli: string;
beforeAll(async () => {
  cli = await buildCommandLine();
}, 180_000);
afterAll(endCommands);

const posix = process.platform !== 'win32';

describe.skipIf(!posix)('a terminal that is killed', () => {
  it('takes a training process with it that hears nothing, its children and its folder', async () => {
    const folder = moduleFolder(
      'for (;;);',
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       writeFileSync(new URL('./child.txt', import.meta.url), String(child.pid));`,
    );
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '60s'], folder);
    const worker = await trainingProcessOf(command);
    const childFile = path.join(folder, 'child.txt');
    await expect.poll(() => Number(contentOf(childFile)), { timeout: 30_000 }).toBeGreaterThan(0);
    expect(leftovers(command)).toHaveLength(1);
    command.child.kill('SIGKILL');
    await gone(worker);
    await gone(Number(contentOf(childFile)));
    expect(leftovers(command)).toEqual([]);
  });

  it('takes an idle training process with it, and its children', async () => {
    const folder = moduleFolder(
      `return new Promise(() => {});`,
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
       writeFileSync(new URL('./child.txt', import.meta.url), String(child.pid));`,
    );
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '60s'], folder);
    const worker = await trainingProcessOf(command);
    const childFile = path.join(folder, 'child.txt');
    await expect.poll(() => Number(contentOf(childFile)), { timeout: 30_000 }).toBeGreaterThan(0);
    command.child.kill('SIGKILL');
    await gone(worker);
    await gone(Number(contentOf(childFile)));
    expect(leftovers(command)).toEqual([]);
  });
});

describe('a module of the workspace', () => {
  it.skipIf(!posix)(
    'that starts a process on inherited pipes does not keep the terminal',
    async () => {
      const folder = moduleFolder(
        twoClasses,
        `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       writeFileSync(new URL('./child.txt', import.meta.url), String(child.pid));`,
      );
      const command = runCommand(
        cli,
        ['tune', 'batchwise.json', '--budget', '3s', '--json'],
        folder,
      );
      expect(await command.ended, command.stderr()).toBe(0);
      expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
      await gone(Number(contentOf(path.join(folder, 'child.txt'))));
    },
  );

  it('that throws what cannot be told is named', async () => {
    const folder = moduleFolder('throw { toString() { throw 1; } };');
    const command = runCommand(cli, ['explain', 'batchwise.json'], folder);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(/load\(tf\) in data\.mjs failed: object/);
  });

  it('whose second model is none is told by a sentence', async () => {
    const model = `let made = 0;
      export function createModel(tf) {
        return made++ > 0 ? {} : tf.sequential({ layers: [tf.layers.dense({ units: 2, activation: 'softmax', inputShape: [3] })] });
      }`;
    const folder = folderOf({
      ...{ 'data.csv': csv(), 'model.mjs': model },
      'batchwise.json': { ...denseConfig, model: { module: 'model.mjs' } },
    });
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '5s'], folder);
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toMatch(/createModel/);
    expect(command.stderr()).not.toMatch(/moduleNotModel/);
  });

  it.each([
    ['process.exit(0)', /data\.mjs.*process\.exit\(0\)/],
    ['process.abort()', /data\.mjs.*process\.abort\(\)/],
  ])('that calls %s is named', async (call, sentence) => {
    const folder = moduleFolder(`${call};`);
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '20s'], folder);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(sentence);
  });

  it.each([
    ['that never returns', 'for (;;);'],
    ['whose data never come', 'return { get x() { for (;;); }, y: [0, 1] };'],
  ])('%s is bounded by the budget, and named', async (_, load) => {
    const folder = moduleFolder(load);
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '3s'], folder);
    const worker = await trainingProcessOf(command);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(/data\.mjs did not return from load\(\)/);
    expect(isAlive(worker)).toBe(false);
    expect(leftovers(command)).toEqual([]);
  });
});

describe('a data file', () => {
  it('whose reading never comes to an end is bounded by the budget, and named', async () => {
    // A number without an end in the footer, which takes longer with each of its bytes.
    const footer = Buffer.alloc(6 * 2 ** 20, 0xff);
    footer.set([0x15, 0x02, 0x16]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    const bytes = Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
    const config = { ...denseConfig, data: { train: 'data.parquet', label: 'side' } };
    const folder = folderOf({ 'data.parquet': bytes, 'batchwise.json': config });
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '3s'], folder);
    const worker = await trainingProcessOf(command);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(/data\.parquet was not read within 5 s/);
    expect(isAlive(worker)).toBe(false);
    expect(leftovers(command)).toEqual([]);
  });
});

describe.skipIf(!posix)('a training process', () => {
  it('that is stopped is told to hang and started again, and the sweep goes on', async () => {
    const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
    const command = runCommand(
      cli,
      ['tune', 'batchwise.json', '--budget', '30s', '--json'],
      folder,
    );
    await expect.poll(() => command.stderr(), { timeout: 30_000 }).toMatch(/Measuring|Choosing/);
    const worker = await trainingProcessOf(command);
    process.kill(worker, 'SIGSTOP');
    expect(await command.ended, command.stderr()).toBe(0);
    expect(command.stderr()).toMatch(/hung.*started again/);
    const result = JSON.parse(command.stdout()) as {
      recommendation: unknown;
      trials: { status: string }[];
    };
    expect(result.recommendation).not.toBeNull();
    expect(result.trials.map(({ status }) => status)).not.toContain('failed');
  }, 90_000);
});

describe('a config with more than can be trained', () => {
  const wide = { className: 'Dense', config: { units: 1e9 } };
  const [first, last] = denseConfig.model.layers;
  it.each([
    ['units', { model: { layers: [wide, last] } }, /"units"/],
    ['layers', { model: { layers: [...Array<object>(1e5).fill(first ?? {}), last] } }, /100001/],
    ['sizes', { tuning: { batchSizes: Array.from({ length: 1e5 }, (_, i) => i + 1) } }, /100000/],
    ['__proto__', { model: { layers: [{ ...last, className: '__proto__' }] } }, /__proto__/],
    ['constructor', { model: { layers: [{ ...last, className: 'constructor' }] } }, /constructor/],
  ] as const)('is refused with its place (%s)', async (_, parts, sentence) => {
    const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': { ...denseConfig, ...parts } });
    const command = runCommand(cli, ['tune', 'batchwise.json', '--budget', '60s'], folder);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(sentence);
    expect(command.stderr()).toMatch(/batchwise\.json:1:\d+: /);
  });
});

describe('a report that cannot be written', () => {
  it.each<[string, string]>([
    ['no folder is there for', 'reports/a.md'],
    ['would replace a folder', 'folder.md'],
    ...(posix ? [['is a pipe that nobody reads', 'pipe.md'] as [string, string]] : []),
  ])('is told before anything is trained: %s', async (_, file) => {
    const files = { 'data.csv': csv(), 'batchwise.json': denseConfig, 'folder.md/there': '' };
    const folder = folderOf(files);
    if (file === 'pipe.md') spawnSync('mkfifo', [path.join(folder, file)]);
    const command = runCommand(cli, ['tune', 'batchwise.json', '--report', file], folder);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toMatch(/^The report cannot be written: .*\n$/);
  });
});

describe.skipIf(!posix)('a signal', () => {
  const start = (args: string[]) =>
    runCommand(cli, args, folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig }));

  it.each([
    ['tune', 'SIGINT'],
    ['tune', 'SIGTERM'],
    ['tune', 'SIGHUP'],
    ['explain', 'SIGINT'],
    ['doctor', 'SIGTERM'],
  ] as const)('ends %s in its first second by 130 (%s)', async (name, signal) => {
    const command = start(name === 'doctor' ? [name] : [name, 'batchwise.json']);
    await expect.poll(() => hears(command.pid), { timeout: 20_000, interval: 5 }).toBe(true);
    command.child.kill(signal);
    expect(await command.ended).toBe(130);
    expect(command.stdout()).toBe('');
    expect(leftovers(command)).toEqual([]);
  });

  it('ends a command that reads a module which never returns', async () => {
    const command = runCommand(cli, ['explain', 'batchwise.json'], moduleFolder('for (;;);'));
    const worker = await trainingProcessOf(command);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(130);
    expect(isAlive(worker)).toBe(false);
  });
});

describe.skipIf(!posix)('the lock of a terminal that is killed', () => {
  it('is taken by the next at once', async () => {
    const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
    const shared = { TMPDIR: folderOf({}) };
    const first = runCommand(cli, ['tune', 'batchwise.json', '--budget', '60s'], folder, shared);
    await trainingProcessOf(first);
    first.child.kill('SIGKILL');
    await first.ended;
    const args = ['tune', 'batchwise.json', '--budget', '2s'];
    const second = runCommand(cli, args, folder, shared);
    expect(await second.ended).toBe(0);
    expect(second.stderr()).not.toContain('Waiting');
  });
});

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

describe.skipIf(!canLimit)('a disk that is full', () => {
  it('costs the log, told once, and not the sweep', async () => {
    const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
    // A file may grow to no more than this, as on a disk that is full.
    const command = runCommand(
      cli,
      ['tune', 'batchwise.json', '--budget', '5s', '--json'],
      folder,
      {},
      ['prlimit', '--fsize=1500'],
    );
    expect(await command.ended, command.stderr()).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
    expect(command.stderr().match(/cannot be resumed/g)).toHaveLength(1);
    expect(command.stderr()).toMatch(/result cannot be saved/);
    const kept = readdirSync(path.join(folder, '.batchwise', 'batchwise'));
    expect(kept.filter((name) => !name.endsWith('.jsonl'))).toEqual([]);
  });
});

/** True once a process has a handler for SIGHUP; where the system does not tell, once it runs. */
function hears(pid: number): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(contentOf(`/proc/${pid}/status`))?.[1];
  return caught !== undefined && (BigInt(`0x${caught}`) & 1n) === 1n;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
