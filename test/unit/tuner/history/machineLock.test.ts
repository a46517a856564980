import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockMachine } from '../../../../src/tuner/history/machineLock';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A process that ends without giving its lock back. */
async function leaveLockOfDeadProcess(): Promise<void> {
  const held = await lockMachine({ owner: 'dead.json', folder });
  expect(held.ok).toBe(true);
  const file = path.join(folder, 'owner.json');
  const owner = JSON.parse(readFileSync(file, 'utf8')) as object;
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, JSON.stringify({ ...owner, pid }));
}

describe('the lock of the machine', () => {
  it('refuses a second sweep and names the first', async () => {
    const first = await lockMachine({ owner: 'first.json', folder });
    expect(first.ok).toBe(true);
    const second = await lockMachine({ owner: 'second.json', folder });
    expect(second).toMatchObject({ ok: false, problem: { reason: 'sweepRunning' } });
    expect(JSON.stringify(second)).toContain('first.json');
    if (first.ok) await first.value.release();
    const third = await lockMachine({ owner: 'third.json', folder });
    expect(third.ok).toBe(true);
    if (third.ok) await third.value.release();
  });

  it('lets the second wait for the end of the first', async () => {
    const first = await lockMachine({ owner: 'first.json', folder });
    let toldOwner = '';
    const second = lockMachine({
      owner: 'second.json',
      folder,
      pollMs: 5,
      onBusy: async (owner) => {
        toldOwner = owner;
        if (first.ok) await first.value.release();
        return true;
      },
    });
    const taken = await second;
    expect(taken.ok).toBe(true);
    expect(toldOwner).toContain('first.json');
    if (taken.ok) await taken.value.release();
  });

  it.skipIf(process.platform === 'win32')('does not wait for an owner that is a pipe', async () => {
    spawnSync('mkfifo', [path.join(folder, 'owner.json')]);
    const taken = await lockMachine({ owner: 'own.json', folder });
    expect(taken.ok).toBe(true);
    if (taken.ok) await taken.value.release();
  });

  it.skipIf(process.getuid?.() !== 0)('is not made in a folder of another user', async () => {
    chownSync(folder, 65534, 65534);
    expect(await lockMachine({ owner: 'own.json', folder })).toMatchObject({
      ok: false,
      problem: { reason: 'lockUnusable', values: { cause: 'causeForeign' } },
    });
  });

  it('of a process that is dead is taken at once, by one of those that wait', async () => {
    await leaveLockOfDeadProcess();
    const began = performance.now();
    const all = await Promise.all(
      ['a.json', 'b.json', 'c.json'].map((owner) => lockMachine({ owner, folder })),
    );
    const taken = all.flatMap((each) => (each.ok ? [each.value] : []));
    expect(taken).toHaveLength(1);
    // A lock whose owner cannot be told dead goes stale after 15 s.
    expect(performance.now() - began).toBeLessThan(14_000);
    for (const lock of taken) await lock.release();
  });

  it('of a process that nobody here can see is left alone', async () => {
    await leaveLockOfDeadProcess();
    const file = path.join(folder, 'owner.json');
    const owner = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...owner, processes: 'another machine' }));
    expect(await lockMachine({ owner: 'mine.json', folder })).toMatchObject({ ok: false });
  });

  it('ends the waiting when it is aborted', async () => {
    const first = await lockMachine({ owner: 'first.json', folder });
    const abort = new AbortController();
    const second = await lockMachine({
      owner: 'second.json',
      folder,
      signal: abort.signal,
      onBusy: () => {
        abort.abort();
        return true;
      },
    });
    expect(second.ok).toBe(false);
    if (first.ok) await first.value.release();
  });
});
