import { describe, expect, it, vi } from 'vitest';
import { PlaceWait, shownLauncher, type Waiting } from '../../../../src/tuner/process/placeWait';

function waitOf() {
  const told: (Waiting | null)[] = [];
  let now = 0;
  const wait = new PlaceWait(
    (waiting) => told.push(waiting),
    () => now,
  );
  return { wait, told, passes: (ms: number) => (now += ms) };
}

describe('the wait for a place', () => {
  it('is told in the words of srun, and measured until the job runs', () => {
    const { wait, told, passes } = waitOf();
    wait.heard('srun: job 7 queued and waiting for resources');
    passes(5000);
    expect(wait.queuedMs).toBe(5000);
    wait.heard('srun: job 7 has been allocated resources');
    passes(400);
    wait.over();
    expect(wait.queuedMs).toBe(5000);
    const cause = 'srun: job 7 queued and waiting for resources';
    const text = { id: 'progressQueued', values: { cause } };
    expect(told).toEqual([{ text, isQueued: true }, null]);
  });

  it('is over with the first message, whatever the script prints later', () => {
    const { wait, told } = waitOf();
    wait.over();
    wait.heard('srun: job 7 queued and waiting for resources');
    wait.queued({ id: 'progressRay', values: { resources: '1 GPU' } });
    expect(told).toEqual([]);
    expect(wait.isQueued).toBe(false);
  });

  it('names a launcher that says nothing, which is no queue', () => {
    vi.useFakeTimers();
    try {
      const { wait, told } = waitOf();
      wait.launched(['/usr/bin/ssh', 'gpu-box']);
      vi.advanceTimersByTime(10_000);
      const text = { id: 'progressLauncher', values: { launcher: 'ssh gpu-box' } };
      expect(told).toEqual([{ text, isQueued: false }]);
      expect(wait.queuedMs).toBe(0);
      expect(wait.isOn).toBe(true);
      wait.over();
      expect(wait.isOn).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('shows long launchers by their start', () => {
    const shown = shownLauncher(['docker', 'run', '-i', '-v', `/${'long/'.repeat(30)}`]);
    expect(shown).toMatch(/^docker run -i .{1,60}…$/);
  });
});
