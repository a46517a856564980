import { mkdtempSync, rmSync } from 'node:fs';
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
