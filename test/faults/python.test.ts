import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryGroup, noMemoryGroup } from '../process/limitMemory';
import { buildCommandLine, endCommands, folderOf, gone, runCommand } from '../process/commandLine';

/** What a Python script can do to a sweep, caused for real; nothing but Python is needed. */

let cli: string;
beforeAll(async () => {
  cli = await buildCommandLine();
});
afterAll(endCommands);

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);
    return true;
  } catch {
    return false;
  }
})();

/** A fit by hand. `fault` runs in each update, from the twentieth on at batch size 32 alone. */
const script = (before: string, fault: string) => `
import os, random, signal, subprocess, sys, time
import batchwise

${before}
size = batchwise.batch_size(16)
rate = batchwise.learning_rate(0.02)
random.seed(1)
data = [(x, 3 * x + random.gauss(0, 0.1)) for x in (random.uniform(-1, 1) for _ in range(512))]
batchwise.dataset_size(len(data))
weight, updates = 0.0, 0
for epoch in range(400):
    for start in range(0, len(data), size):
        batch = data[start : start + size]
        errors = [weight * x - y for x, y in batch]
        weight -= rate * sum(2 * e * x for e, (x, _) in zip(errors, batch)) / len(batch)
        updates += 1
        if size == 32 and updates > 3:
            ${fault}
        batchwise.report(loss=sum(e * e for e in errors) / len(batch), samples=len(batch))
`;

function tuned(before: string, fault: string) {
  const folder = folderOf({
    'train.py': script(before, fault),
    'batchwise.json': {
      trainer: { python: 'train.py' },
      tuning: { batchSizes: [8, 32, 128], budget: '30 s' },
    },
  });
  return { folder, command: runCommand(cli, ['tune', 'batchwise.json', '--json'], folder) };
}

interface Tuned {
  readonly trials: readonly { batchSize: number; status: string; error: { id: string } | null }[];
}

describe.skipIf(!hasPython || process.platform === 'win32')('a Python script', () => {
  it.each([
    ['is killed', 'os.kill(os.getpid(), signal.SIGKILL)'],
    ['hangs', 'time.sleep(3600)'],
    ['never returns', 'exec("while True: pass")'],
  ])('that %s at one size costs that size, and the others are told', async (_, fault) => {
    const { command } = tuned('', fault);
    expect(await command.ended, command.stderr()).toBe(0);
    const { trials } = JSON.parse(command.stdout()) as Tuned;
    const ok = trials.filter(({ status }) => status === 'ok').map(({ batchSize }) => batchSize);
    expect(new Set(ok)).toEqual(new Set([8, 128]));
    const [failed] = trials.filter(({ batchSize }) => batchSize === 32);
    expect(failed?.status).not.toBe('ok');
    expect(failed?.error ?? failed?.status).toBeTruthy();
  });

  it('that is out of memory at one size costs that size and the larger ones', async () => {
    const { command } = tuned('', 'raise MemoryError()');
    expect(await command.ended, command.stderr()).toBe(0);
    const { trials } = JSON.parse(command.stdout()) as Tuned;
    const statuses = (size: number) =>
      new Set(trials.filter(({ batchSize }) => batchSize === size).map(({ status }) => status));
    expect(statuses(8)).toEqual(new Set(['ok']));
    expect(statuses(32)).toEqual(new Set(['out-of-memory']));
    expect(statuses(128)).not.toContain('ok');
  });

  it.skipIf(noMemoryGroup !== null)(
    'that the kernel kills for memory at one size is out of memory there',
    { timeout: 180_000 },
    async () => {
      const group = new MemoryGroup(500 * 2 ** 20);
      try {
        const { command } = tuned('', "hoard = b'x' * 10**9");
        group.add(command);
        expect(await command.ended, command.stderr()).toBe(0);
        const { trials } = JSON.parse(command.stdout()) as Tuned;
        const statusOf = (size: number) =>
          trials.filter(({ batchSize }) => batchSize === size).map(({ status }) => status);
        expect(statusOf(32)).toContain('out-of-memory');
        expect(statusOf(8)).toContain('ok');
      } finally {
        await group.remove();
      }
    },
  );

  it('has its data-loader workers ended with it', async () => {
    const worker = `child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])
with open('pids.txt', 'a') as file: file.write(f'{child.pid}\\n')`;
    const { folder, command } = tuned(worker, 'os.kill(os.getpid(), signal.SIGKILL)');
    expect(await command.ended, command.stderr()).toBe(0);
    const pids = readFileSync(path.join(folder, 'pids.txt'), 'utf8').trim().split('\n');
    expect(pids.length).toBeGreaterThan(1);
    for (const pid of pids) await gone(Number(pid));
  });
});
