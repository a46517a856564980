import { describe, expect, it } from 'vitest';
import {
  blockClock,
  parseStatistics,
  type ProcessorTime,
} from '../../../../src/trainer/training/processorClock';

/** A clock that reads these times one after the other. */
function clockOf(times: readonly (ProcessorTime | null)[], computesOnThisThread = true) {
  const left = [...times];
  return blockClock(computesOnThisThread, () => left.shift() ?? null);
}

/** Keeps this thread busy for so long by the wall. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

describe('the clock of a block of steps', () => {
  it('tells what its thread ran, and its share of waiting', () => {
    const clock = clockOf([
      { runningMs: 100, waitingMs: 50 },
      { runningMs: 103, waitingMs: 51 },
    ]);
    const stop = clock.start();
    work(5);
    expect(stop()).toMatchObject({ cpuMs: 3, waitingShare: 0.25 });
  });

  it('never has a thread run for longer than the wall clock says', () => {
    const clock = clockOf([
      { runningMs: 0, waitingMs: null },
      { runningMs: 9000, waitingMs: null },
    ]);
    const { ms, cpuMs, waitingShare } = clock.start()();
    expect(cpuMs).toBe(ms);
    expect(waitingShare).toBeUndefined();
  });

  it('knows only the wall clock and the waiting of engines with threads of their own', () => {
    const clock = clockOf(
      [
        { runningMs: 0, waitingMs: 0 },
        { runningMs: 30, waitingMs: 30 },
      ],
      false,
    );
    const time = clock.start()();
    expect(time.cpuMs).toBeUndefined();
    expect(time.waitingShare).toBe(0.5);
  });

  it('falls back to the wall clock where the system tells nothing', () => {
    expect(Object.keys(clockOf([null]).start()())).toEqual(['ms']);
  });

  it('counts what this thread really did, and not what it slept', async () => {
    const stop = blockClock(true).start();
    work(30);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { ms, cpuMs = NaN } = stop();
    expect(ms).toBeGreaterThan(60);
    expect(cpuMs).toBeGreaterThan(0);
    expect(cpuMs).toBeLessThan(ms - 50);
  });
});

describe('what Linux counts of a thread', () => {
  it('is read in nanoseconds, and taken for nothing where it is not counted', () => {
    expect(parseStatistics('1500000 500000 12\n')).toEqual({ runningMs: 1.5, waitingMs: 0.5 });
    for (const nothing of ['0 0 0\n', '', 'none', null]) {
      expect(parseStatistics(nothing)).toBeNull();
    }
  });
});
