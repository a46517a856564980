import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildCommandLine,
  csv,
  denseConfig,
  endCommands,
  folderOf,
  gone,
  leftovers,
  runCommand,
  trainingProcessOf,
} from '../process/commandLine';

/** Faults while a sweep runs that take too long for `npm test`: docs/faults.md lists them. */

let cli: string;
beforeAll(async () => {
  cli = await buildCommandLine();
});
afterAll(endCommands);

function start() {
  const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
  const args = ['tune', 'batchwise.json', '--budget', '20s', '--json'];
  return { folder, command: runCommand(cli, args, folder) };
}

/** Waits until the terminal says that a phase has begun. */
async function reaches(command: ReturnType<typeof start>['command'], phase: RegExp) {
  await expect.poll(() => command.stderr(), { timeout: 90_000, interval: 20 }).toMatch(phase);
}

async function expectRecommendation(command: ReturnType<typeof start>['command']): Promise<void> {
  expect(await command.ended, command.stderr()).toBe(0);
  expect(JSON.parse(command.stdout())).toMatchObject({
    formatVersion: 1,
    recommendation: { batchSize: expect.any(Number) as number },
  });
  expect(leftovers(command)).toEqual([]);
}

describe.skipIf(process.platform === 'win32')('a training process that is killed', () => {
  it.each([
    ['while it loads', /Loading/],
    ['while sizes are measured', /Measuring speed/],
    ['in the pilot', /Choosing/],
    ['in the race', /Training with/],
    ['in the finals', /Timing/],
  ])('%s costs what ran, and the sweep goes on', async (_, phase) => {
    const { command } = start();
    await reaches(command, phase);
    const worker = await trainingProcessOf(command);
    process.kill(worker, 'SIGKILL');
    await expectRecommendation(command);
    expect(JSON.parse(command.stdout())).toMatchObject({
      notes: expect.arrayContaining([
        expect.objectContaining({ id: 'workerRestarted' }),
      ]) as unknown[],
    });
    await gone(worker);
  });
});

describe.skipIf(process.platform === 'win32')('a machine that is suspended', () => {
  it('costs time alone: nothing is told to hang', async () => {
    const { command } = start();
    await reaches(command, /Measuring speed/);
    const processes = [command.pid, await trainingProcessOf(command)];
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    // Longer than a process may be silent.
    await new Promise((resolve) => setTimeout(resolve, 8000));
    for (const pid of processes) process.kill(pid, 'SIGCONT');
    await expectRecommendation(command);
    expect(command.stderr()).not.toMatch(/hung|started again/);
  });
});

describe('two terminals on one config', () => {
  it.each(['that wait for each other', 'that cannot see each other'])(
    '%s both end with a result, and keep a whole log each',
    async (how) => {
      const folder = folderOf({ 'data.csv': csv(), 'batchwise.json': denseConfig });
      const args = ['tune', 'batchwise.json', '--budget', '6s', '--json', '--no-cache'];
      const shared = how === 'that wait for each other' ? { TMPDIR: folderOf({}) } : {};
      const commands = [1, 2].map(() => runCommand(cli, args, folder, shared));
      for (const command of commands) {
        expect(await command.ended, command.stderr()).toBe(0);
        expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
      }
      const kept = path.join(folder, '.batchwise', 'batchwise');
      const logs = readdirSync(kept).filter((name) => name.endsWith('.jsonl'));
      expect(logs).toHaveLength(2);
      for (const name of [...logs, 'latest.json']) {
        const text = readFileSync(path.join(kept, name), 'utf8');
        const documents = name === 'latest.json' ? [text] : text.trim().split('\n');
        for (const each of documents) expect(() => JSON.parse(each) as unknown).not.toThrow();
      }
    },
  );
});

describe('in a sweep', () => {
  it.each<[string, (folder: string) => void]>([
    [
      'a config that is edited',
      (folder) => {
        writeFileSync(path.join(folder, 'batchwise.json'), '{ "model": ');
      },
    ],
    [
      'a config that is renamed',
      (folder) => {
        const own = path.join(folder, 'batchwise.json');
        renameSync(own, path.join(folder, 'other.batchwise.json'));
      },
    ],
    [
      'a config that is deleted',
      (folder) => {
        rmSync(path.join(folder, 'batchwise.json'));
      },
    ],
    [
      'data in memory that are deleted',
      (folder) => {
        rmSync(path.join(folder, 'data.csv'));
      },
    ],
    [
      'data in memory that are edited',
      (folder) => {
        writeFileSync(path.join(folder, 'data.csv'), 'a,side\n1,left\n');
      },
    ],
  ])('%s ends it by a result or by one sentence that names the file', async (_, change) => {
    const { folder, command } = start();
    await reaches(command, /Choosing/);
    change(folder);
    const code = await command.ended;
    if (code === 0) expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
    else {
      expect(code).toBe(2);
      expect(command.stderr()).toMatch(/data\.csv|batchwise\.json/);
    }
    expect(command.stderr()).not.toMatch(/\n {4}at /);
    expect(leftovers(command)).toEqual([]);
  });

  it('its own folder may go', async () => {
    const { folder, command } = start();
    await reaches(command, /Choosing/);
    rmSync(path.join(folder, '.batchwise'), { recursive: true });
    expect(await command.ended, command.stderr()).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject({ formatVersion: 1 });
  });
});
