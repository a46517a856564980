import { renameSync, rmSync, writeFileSync } from 'node:fs';
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
