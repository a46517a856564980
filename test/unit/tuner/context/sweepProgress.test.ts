import { describe, expect, it } from 'vitest';
import type { SweepEvent } from '../../../../src/core/sweep/sweepEvent';
import { BudgetClock } from '../../../../src/tuner/context/sweepContext';
import { SweepProgress } from '../../../../src/tuner/context/sweepProgress';

/** A sweep of 60 s on a clock that the test moves. */
function progressOf() {
  let now = 0;
  const heard: Extract<SweepEvent, { type: 'progress' }>[] = [];
  const progress = new SweepProgress(new BudgetClock(60, 0, () => now), (event) => {
    if (event.type === 'progress') heard.push(event);
  });
  return {
    heard,
    progress,
    pass: (seconds: number) => {
      now += seconds;
    },
  };
}
const training = (batchSize: number) => ({ id: 'progressPilot' as const, values: { batchSize } });

describe('the progress of a sweep', () => {
  it('is told ten times a second at most while one thing goes on', () => {
    const { heard, progress, pass } = progressOf();
    for (let update = 0; update < 5000; update++) {
      progress.set(training(8), 30);
      pass(0.001);
    }
    expect(heard.length).toBeGreaterThanOrEqual(45);
    expect(heard.length).toBeLessThanOrEqual(51);
    const last = heard.at(-1);
    expect(last?.secondsLeft).toBeCloseTo(30);
    expect(last?.mostSecondsLeft).toBeCloseTo(55, 0);
  });

  it('is told at once when something else begins', () => {
    const { heard, progress, pass } = progressOf();
    for (const batchSize of [8, 16, 8, 32]) {
      progress.set(training(batchSize), null);
      progress.set(training(batchSize), null);
      pass(0.001);
    }
    expect(heard.map(({ text }) => text.values['batchSize'])).toEqual([8, 16, 8, 32]);
  });

  it('says what is waited for, and a queue costs none of the budget', () => {
    const { heard, progress, pass } = progressOf();
    progress.set(training(8), null);
    const queue = { id: 'progressQueued' as const, values: { cause: 'job 7' } };
    progress.waitFor({ text: queue, isQueued: true });
    pass(1000);
    progress.waitFor(null);
    expect(heard.map(({ text }) => text.id)).toEqual([
      ...['progressPilot', 'progressQueued', 'progressPilot'],
    ]);
    expect(heard.at(-1)?.mostSecondsLeft).toBe(60);
    const launcher = { id: 'progressLauncher' as const, values: { launcher: 'ssh' } };
    progress.waitFor({ text: launcher, isQueued: false });
    pass(10);
    progress.waitFor(null);
    expect(heard.at(-1)?.mostSecondsLeft).toBe(50);
  });
});
