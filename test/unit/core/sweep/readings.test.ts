import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeOfSize, timesOfSizes } from '../../../../src/core/sweep/readings';
import { trialSchema, type Trial } from '../../../../src/core/sweep/result';
import { recommend } from '../../../../src/planner/advice/recommend';

function run(batchSize: number, seed: number, seconds: number | null, changes = {}): Trial {
  const length = seconds ?? 1;
  return trialSchema.parse({
    id: `${batchSize}-${seed}`,
    batchSize,
    phase: 'race',
    purpose: seed === 42 ? 'race' : 'repeat',
    seed,
    status: 'ok',
    stopReason: seconds === null ? 'slower than the best' : 'reached target',
    stepMs: 1,
    stepMsInterval: null,
    samplesPerSecond: 1000 * batchSize,
    peakBytes: 1000,
    memory: null,
    iterations: 100,
    learningRate: 0.001,
    gradientAccumulation: 1,
    schedule: null,
    gradientNoiseScale: null,
    noise: [],
    loss: [1, 2].map((epoch) => ({
      iteration: 10 * epoch,
      epoch,
      seconds: (epoch * length) / 2,
      train: 1,
      validation: 1 / epoch,
    })),
    timeToTargetSeconds: seconds,
    timeToTargetInterval: null,
    predictedTimeToTargetSeconds: null,
    evaluationSeconds: 0,
    error: null,
    ...changes,
  });
}

function advise(trials: readonly Trial[], configured = 32) {
  return recommend({
    objective: 'time',
    trials,
    samples: 4096,
    configured: { batchSize: configured, learningRate: 0.001 },
    metric: 'loss',
    target: { metric: 'loss', value: 0.3, source: 'pilot' },
    limitBytes: null,
    budgetSeconds: 60,
  }).recommendation;
}

describe('how long a size took', () => {
  it('counts the seed that a size was stopped with', () => {
    const trials = [run(32, 42, 2), run(32, 43, 3), run(64, 42, 2.1), run(64, 43, null)];
    const [first, second] = timesOfSizes({ trials, recommendation: null });
    expect(first).toMatchObject({ batchSize: 32, seeds: 2, isLowerBound: false });
    expect(first?.seconds).toBeCloseTo(Math.sqrt(6), 9);
    expect(second).toMatchObject({ batchSize: 64, seeds: 2, isLowerBound: true });
    expect(second?.seconds).toBeCloseTo(Math.sqrt(2.1 * 1.15 * 3), 9);
    expect(advise(trials)?.batchSize).toBe(32);
  });

  it('sets a size with fewer seeds against the fastest with the same ones', () => {
    const trials = [
      run(32, 42, 2),
      run(32, 43, 8),
      run(64, 42, 2.2),
      run(64, 43, 9),
      run(128, 42, 3),
    ];
    expect(timeOfSize({ trials, recommendation: null }, 128)?.seconds).toBeCloseTo(1.5 * 4, 9);
  });

  it('is the plain measurement where one seed was raced', () => {
    const trials = [run(32, 42, 0.1 + 0.2), run(64, 42, null)];
    expect(timesOfSizes({ trials, recommendation: null }).map(({ seconds }) => seconds)).toEqual([
      0.1 + 0.2,
    ]);
  });

  it('reads the recommended size as it is recommended', () => {
    const changes = { id: '64-4', purpose: 'twice-rate', learningRate: 0.002 };
    const trials = [run(32, 42, 4), run(64, 42, 4.1), run(64, 42, 2.3, changes)];
    const way = { batchSize: 64, learningRate: 0.002, gradientAccumulation: 1, schedule: null };
    expect(timeOfSize({ trials, recommendation: null }, 64)?.seconds).toBe(4.1);
    expect(timeOfSize({ trials, recommendation: way }, 64)?.seconds).toBe(2.3);
  });

  it('never has the recommended size slower than another without a reason that says why', () => {
    const seconds = fc.double({ min: 0.5, max: 4, noNaN: true });
    const repeat = fc.option(fc.option(seconds), { nil: undefined });
    const size = fc.record({
      first: fc.option(seconds),
      repeats: fc.array(repeat, { maxLength: 3 }),
      rates: fc.array(seconds, { maxLength: 1 }),
      interval: fc.double({ min: 0, max: 0.2, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 5 }), (sizes) => {
        const trials = sizes.flatMap(({ first, repeats, rates, interval }, index) => {
          const batchSize = 16 * 2 ** index;
          const stepMsInterval: [number, number] = [1 - interval, 1 + interval];
          const again = repeats.flatMap((own, i) =>
            own === undefined ? [] : [run(batchSize, 43 + i, own, { stepMsInterval })],
          );
          const changes = { learningRate: 0.002, purpose: 'twice-rate', id: `${batchSize}-r` };
          return [
            run(batchSize, 42, first, { stepMsInterval }),
            ...again,
            ...rates.map((own) => run(batchSize, 42, own, changes)),
          ];
        });
        const recommendation = advise(trials) ?? null;
        const times = timesOfSizes({ trials, recommendation });
        const ours = times.find(({ batchSize }) => batchSize === recommendation?.batchSize);
        if (!recommendation || !ours) return;
        const said = recommendation.reasons
          .filter(({ id }) => ['tieToSmaller', 'tieToSmallest', 'fewerSeeds'].includes(id))
          .flatMap(({ values }) => `${values['other'] ?? values['others']}`.split(', '));
        for (const { batchSize, seconds } of times) {
          if (seconds < ours.seconds * (1 - 1e-9)) expect(said).toContain(`${batchSize}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
