import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/config/units';
import { budgetText } from '../../../src/core/text/valueText';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import { ok, type Text } from '../../../src/core/text/problem';
import { simulate } from './simulatedSweep';
import { SimulatedTrainer, VirtualClock, type World } from './simulatedTrainer';

const [samples, epochs, budget] = [1600, 10, 40];

/** A model that learns well, an update of which takes so many seconds for each sample. */
function modelTaking(secondsPerSample: number): World {
  return {
    seed: 1,
    samples,
    validationSamples: 400,
    optimizer: 'adam',
    learningRate: 0.001,
    loadSeconds: 3,
    evaluationSeconds: 400 * (secondsPerSample / 3),
    isSteady: true,
    stepSeconds: (batchSize) => 0.001 + secondsPerSample * batchSize,
    peakBytes: (batchSize) => 1e8 + 1e6 * batchSize,
    begin: ({ batchSize }) => ({
      lossAt: (updates) => ({
        loss: 0.2 + 2 * Math.exp((-updates * Math.sqrt(batchSize)) / 300),
        standardError: 0.01,
      }),
      noiseScaleAt: () => 60,
    }),
  };
}

const config = { epochs, batchSize: 32, learningRate: 0.001 };

async function sweepOf(world: World, tuning: object = { budget }) {
  const told: (Text | SweepEvent['type'])[] = [];
  const swept = await simulate(
    world,
    { ...config, tuning },
    {
      onNote: (note) => told.push(note),
      onEvent: ({ type }) => told.push(type),
    },
  );
  return { ...swept, told };
}

describe('a sweep of a model whose updates take seconds', () => {
  it.each([0.05, 0.1, 0.3])('says so at once, at %d s a sample', async (secondsPerSample) => {
    const { told, result, seconds } = await sweepOf(modelTaking(secondsPerSample));
    const at = told.findIndex((each) => typeof each === 'object');
    expect(told[at]).toMatchObject({ id: 'tooSlowToCompare' });
    expect(told.slice(0, at)).not.toContain('trialFinished');
    expect(result.recommendation?.isEstimate).toBe(true);
    expect(result.notes?.map(({ id }) => id)).toEqual(['tooSlowToCompare']);
    expect(seconds).toBeLessThan(budget);
  });

  it('recommends an estimate from the speed of the sizes measured, marked so', async () => {
    const { recommendation, trials } = (await sweepOf(modelTaking(0.05))).result;
    // Where samples a second hardly differ, more updates are free.
    expect(recommendation).toMatchObject({ batchSize: 8, isEstimate: true, confidence: null });
    const reasons = recommendation?.reasons.map(({ id }) => id) ?? [];
    expect(reasons.slice(0, 2)).toEqual(['estimatedFastest', 'estimateOnly']);
    const timed = trials.filter(({ stepMs }) => stepMs !== null);
    expect(recommendation?.reasons[0]?.values['sizes']).toBe(
      timed.map(({ batchSize }) => batchSize).join(', '),
    );
    const byThroughput = recommendation?.alternatives.find(
      ({ objective }) => objective === 'throughput',
    );
    expect(timed.map(({ batchSize }) => batchSize)).toContain(byThroughput?.batchSize);
  });

  it('recommends nothing where one size alone could be measured, but a rule of thumb', async () => {
    const { result } = await sweepOf(modelTaking(4));
    expect(result.trials.filter(({ stepMs }) => stepMs !== null).length).toBeLessThan(2);
    expect(result.recommendation).toBeNull();
    expect(result.notes?.map(({ id }) => id)).toEqual(['tooSlowToCompare', 'startByRule']);
  });

  it.each([
    { secondsPerSample: 0.05, isKept: false },
    { secondsPerSample: 0.001, isKept: true },
  ])(
    'measures anew where an estimate is all there is: %o',
    async ({ secondsPerSample, isKept }) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'batchwise-estimate-'));
      try {
        const tuned = () =>
          simulate(
            modelTaking(secondsPerSample),
            { ...config, tuning: { budget } },
            { folder, reuse: true },
          );
        await tuned();
        const ids = (await tuned()).result.notes?.map(({ id }) => id) ?? [];
        expect(ids.includes('resultReused')).toBe(isKept);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('still measures the speed and memory of several sizes, and evaluates none', async () => {
    const { result, told } = await sweepOf(modelTaking(0.1));
    const measured = result.trials.filter(({ stepMs, peakBytes }) => stepMs && peakBytes);
    expect(measured.length).toBeGreaterThan(1);
    expect(result.memoryModel?.largestBatchSize).toBe(measured.at(-1)?.batchSize);
    expect(told).not.toContain('lossPoint');
    expect(told).not.toContain('startEvaluated');
  });

  it('names how many updates the budget allows after the start', async () => {
    const { result } = await sweepOf(modelTaking(0.05));
    const { batchSize, updates } = result.notes?.[0]?.values ?? {};
    expect(batchSize).toBe(32);
    expect(Number(updates)).toBeGreaterThan(15);
    expect(Number(updates)).toBeLessThan(25);
  });

  it('names a budget in which sizes are compared', async () => {
    const world = modelTaking(0.05);
    const { least } = (await sweepOf(world)).result.notes?.[0]?.values ?? {};
    const { result } = await sweepOf(world, { budget: least });
    expect(result.notes?.map(({ id }) => id)).not.toContain('tooSlowToCompare');
    expect(result.target).not.toBeNull();
  });

  it('is trained where two sizes can be compared', async () => {
    const { result } = await sweepOf(modelTaking(0.005));
    expect(result.recommendation).not.toBeNull();
    expect(result.trials.filter(({ phase }) => phase === 'race').length).toBeGreaterThan(1);
  });

  it('is not called slow for the first steps of a process, which are several times slower', async () => {
    const coldness = (worked: number) => (worked < 2.5 ? 6 : 1);
    const { result } = await sweepOf({ ...modelTaking(0.006), coldness });
    expect(result.notes?.map(({ id }) => id)).not.toContain('tooSlowToCompare');
    expect(result.recommendation).not.toBeNull();
  });

  it('is evaluated in time where evaluations take as long as many updates', async () => {
    const world: World = {
      ...modelTaking(0.005),
      evaluationSeconds: 2,
      begin: ({ batchSize }) => ({
        lossAt: (updates) => ({
          loss: 0.2 + 2 * Math.exp((-updates * Math.sqrt(batchSize)) / 60),
          standardError: 0.05,
        }),
        noiseScaleAt: () => 60,
      }),
    };
    const { recommendation, target, trials } = (await sweepOf(world)).result;
    // After the four updates of the first evaluation, it stands at 1.6.
    expect(target?.value).toBeLessThan(1.4);
    const compared = trials.filter(({ timeToTargetSeconds }) => timeToTargetSeconds !== null);
    expect(compared.length).toBeGreaterThan(1);
    expect(recommendation).not.toBeNull();
  });

  it('spends no large share of the budget on gradient noise', async () => {
    const clock = new VirtualClock();
    const start = SimulatedTrainer.starter(modelTaking(0.01), clock);
    const seconds: number[] = [];
    const { result } = await simulate(
      modelTaking(0.01),
      { ...config, tuning: { budget } },
      {
        now: clock.now,
        startTrainer: async () => {
          const started = await start();
          if (!started.ok) return started;
          const { value: trainer } = started;
          return ok({
            alive: true,
            death: null,
            call: async (name, input) => {
              const begun = clock.now();
              const answer = await trainer.call(name, input);
              if (name === 'measureNoise') seconds.push(clock.now() - begun);
              return answer;
            },
            stop: () => trainer.stop(),
          });
        },
      },
    );
    expect(seconds.length).toBeGreaterThan(0);
    for (const each of seconds) expect(each).toBeLessThan(0.11 * budget);
    expect(result.trials.some(({ gradientNoiseScale }) => gradientNoiseScale !== null)).toBe(true);
  });

  it('leaves most of the budget to training, though large sizes could be timed', async () => {
    const { told } = await sweepOf(modelTaking(0.005));
    expect(told).toContain('target');
    const phases = (await simulate(modelTaking(0.005), { ...config, tuning: { budget } })).phases;
    expect(phases.probe).toBeLessThan(0.35 * budget);
  });

  it('is measured as ever for another objective than time', async () => {
    const tuning = { budget, objective: 'throughput' };
    const { result } = await sweepOf(modelTaking(0.05), tuning);
    expect(result.notes?.map(({ id }) => id)).not.toContain('tooSlowToCompare');
  });
});

/** Falls from one loss to another, as a model whose saved weights are of other data. */
function fallingTo(start: number, end: number): World {
  const world = modelTaking(0.0001);
  return {
    ...world,
    evaluationSeconds: 0.02,
    classes: { count: 10, guess: { loss: Math.log(10), accuracy: 0.1 } },
    begin: ({ batchSize }) => ({
      lossAt: (updates) => ({
        loss: end + (start - end) * Math.exp((-updates * Math.sqrt(batchSize)) / 300),
        standardError: 0.05,
      }),
      noiseScaleAt: () => 60,
    }),
  };
}

describe('a sweep of a model that starts far worse than guessing', () => {
  it('compares sizes on its way where it comes to rest far above, and says what that is worth', async () => {
    const { recommendation, target, trials } = (await sweepOf(fallingTo(14.5, 6.6))).result;
    expect(target?.value).toBeCloseTo(14.5 - 0.9 * 7.9, 0);
    expect(trials.filter((trial) => trial.timeToTargetSeconds !== null).length).toBeGreaterThan(1);
    expect(recommendation?.reasons.map(({ id }) => id)).toContain('targetAboveGuessing');
  });

  it('recommends nothing where it comes to rest at the loss of guessing', async () => {
    const { recommendation, notes } = (await sweepOf(fallingTo(3.5, Math.log(10)))).result;
    expect(recommendation).toBeNull();
    expect(notes?.[0]?.id).toMatch(/^notBelowGuessing/);
  });

  it('compares sizes by what they learned where it comes below', async () => {
    const { recommendation, target } = (await sweepOf(fallingTo(12.9, 0.3))).result;
    expect(target?.value).toBeLessThan(0.8);
    expect(recommendation?.reasons.map(({ id }) => id)).not.toContain('targetAboveGuessing');
  });
});

describe('a budget that a sentence names', () => {
  it('can be written into a config as it stands, and is no less than what is needed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e6, noNaN: true }), (needed) => {
        expect(parseDuration(budgetText(needed))).toBeGreaterThanOrEqual(needed);
      }),
    );
  });
});
