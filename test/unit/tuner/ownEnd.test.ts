import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/config/units';
import type { Text } from '../../../src/core/text/problem';
import { simulate } from './simulatedSweep';
import type { World } from './simulatedTrainer';

const samples = 8192;
const epochs = 60;
const configured = 32;

/** Most of the loss falls in the first epochs, where small batches do; the rest is slow, and noisy. */
function lossOf(batchSize: number, updates: number): number {
  const early = updates / (20 * (1 + 16 / batchSize));
  const late = updates / (240 * (1 + 1000 / batchSize));
  return 2 * Math.exp(-early) + 0.1 * Math.exp(-late) + 0.01;
}

const atOwnSize = (share: number) => lossOf(configured, (share * epochs * samples) / configured);

function world(end: World['end'], changes: Partial<World> = {}): World {
  return {
    seed: 1,
    samples,
    validationSamples: 400,
    optimizer: 'adam',
    learningRate: 0.001,
    loadSeconds: 1,
    evaluationSeconds: 0.001,
    isSteady: true,
    stepSeconds: (batchSize) => 0.0005 * (1 + batchSize / 256),
    peakBytes: (batchSize) => 1e8 + 1e6 * batchSize,
    begin: ({ batchSize }) => ({
      lossAt: (updates) => ({ loss: lossOf(batchSize, updates), standardError: 0.0002 }),
      noiseScaleAt: () => 60,
    }),
    ...(end && { end }),
    ...changes,
  };
}

async function sweepOf(of: World, budget: string) {
  const notes: Text[] = [];
  const config = { epochs, batchSize: configured, learningRate: 0.001, tuning: { budget } };
  const swept = await simulate(of, config, { onNote: (note) => notes.push(note) });
  const { target, recommendation } = swept.result;
  return {
    ...swept,
    target: target?.value ?? NaN,
    size: recommendation?.batchSize ?? NaN,
    endTooFar: notes.find(({ id }) => id === 'endTooFar'),
  };
}

describe('a sweep of a training that has its own end', () => {
  const told = world({ epochs, isTold: true });

  it('races sizes to what it comes to by then, where the budget suffices', async () => {
    const { target, size, endTooFar } = await sweepOf(told, '120 s');
    expect(target).toBeGreaterThan(atOwnSize(1));
    expect(target).toBeLessThan(atOwnSize(0.75));
    // Of the sizes that come there before the end, these two take the fewest seconds.
    expect([128, 256]).toContain(size);
    expect(endTooFar).toBeUndefined();
  });

  it('says so where the budget does not suffice, and names one that does', async () => {
    const [short, plain] = await Promise.all([
      sweepOf(told, '20 s'),
      sweepOf(world(undefined), '20 s'),
    ]);
    expect(short.target).toBe(plain.target);
    expect(short.target).toBeGreaterThan(atOwnSize(0.5));
    expect(plain.endTooFar).toBeUndefined();
    const budget = String(short.endTooFar?.values['budget']);
    expect(parseDuration(budget)).toBeGreaterThan(20);
    const enough = await sweepOf(told, budget);
    expect(enough.endTooFar).toBeUndefined();
    expect(enough.target).toBeLessThan(atOwnSize(0.75));
  });

  it('takes its end for that where it ends untold, before it is level', async () => {
    const untold = { epochs: 4, isTold: false };
    const { target, size, seconds } = await sweepOf(world(untold), '120 s');
    expect(target).toBeGreaterThan(lossOf(configured, (4 * samples) / configured));
    // Another size may have taken the lead before, so that the end is that one's.
    expect(target).toBeLessThan(lossOf(configured, (2 * samples) / configured));
    expect(size).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  });

  it('knows what it came to where one evaluation takes longer than the training', async () => {
    const slow = world({ epochs: 4, isTold: true }, { evaluationSeconds: 2 });
    const { target } = await sweepOf(slow, '120 s');
    const at = (share: number) => lossOf(configured, (share * 4 * samples) / configured);
    expect(target).toBeGreaterThan(at(1));
    expect(target).toBeLessThan(at(0.5));
  });

  it('ends, too, where nothing was learned by then', async () => {
    const flat = { lossAt: () => ({ loss: 1, standardError: 0.01 }), noiseScaleAt: () => 60 };
    const stuck = world({ epochs: 4, isTold: false }, { begin: () => flat });
    const { result, seconds } = await sweepOf(stuck, '120 s');
    expect(result.recommendation).toBeNull();
    expect(seconds).toBeLessThan(120);
  });
});
