import { describe, expect, it } from 'vitest';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import { simulate } from './simulatedSweep';
import { configured, randomSurface, worldOf } from './syntheticWorld';

const budgetSeconds = 120;

interface Told {
  /** Seconds that the sweep really took from there. */
  readonly really: number;
  readonly about: number | null;
  readonly most: number;
  readonly text: string;
}

/** What a sweep of a made-up world told of the time left, and what it came to. */
async function toldBy(seed: number): Promise<readonly Told[]> {
  const surface = randomSurface(seed, 0.1);
  const heard: { spent: number; about: number | null; most: number; text: string }[] = [];
  const { seconds } = await simulate(
    worldOf(surface),
    { epochs: surface.epochs, ...configured, tuning: { budget: budgetSeconds } },
    {
      onEvent: (event: SweepEvent) => {
        if (event.type !== 'progress') return;
        const most = event.mostSecondsLeft ?? NaN;
        const { id } = event.text;
        heard.push({ spent: budgetSeconds - most, about: event.secondsLeft, most, text: id });
      },
    },
  );
  return heard.map(({ spent, ...told }) => ({ ...told, really: seconds - spent }));
}

describe('the time left that a sweep tells', () => {
  it('is at most what the budget leaves, and never off by a factor of seven where it is estimated', async () => {
    const told = (await Promise.all(Array.from({ length: 40 }, (_, i) => toldBy(5200 + i)))).flat();
    for (const { really, most } of told) expect(really).toBeLessThan(most + 0.06 * budgetSeconds);
    // The last seconds are told as one.
    const estimated = told.filter(({ about }) => about !== null);
    const atLeastOne = (value: number | null) => Math.max(1, value ?? 0);
    const factors = estimated.map(({ really, about, text }) => ({
      factor: atLeastOne(about) / atLeastOne(really),
      text,
      really,
      about,
    }));
    expect(factors.length).toBeGreaterThan(200);
    expect(factors.filter(({ factor }) => factor > 7 || factor < 1 / 7).slice(0, 5)).toEqual([]);
  });
});
