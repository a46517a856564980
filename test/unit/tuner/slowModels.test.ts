import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/config/units';
import { budgetText } from '../../../src/core/text/valueText';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { Text } from '../../../src/core/text/problem';
import { simulate } from './simulatedSweep';
import type { World } from './simulatedTrainer';

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

async function sweepOf(world: World, tuning: object = { budget }) {
  const told: (Text | SweepEvent['type'])[] = [];
  const config = { epochs, batchSize: 32, learningRate: 0.001, tuning };
  const swept = await simulate(world, config, {
    onNote: (note) => told.push(note),
    onEvent: ({ type }) => told.push(type),
  });
  return { ...swept, told };
}

describe('a sweep of a model whose updates take seconds', () => {
  it.each([0.05, 0.1, 0.3])('says so at once, at %d s a sample', async (secondsPerSample) => {
    const { told, result, seconds } = await sweepOf(modelTaking(secondsPerSample));
    const at = told.findIndex((each) => typeof each === 'object');
    expect(told[at]).toMatchObject({ id: 'tooSlowToCompare' });
    expect(told.slice(0, at)).not.toContain('trialFinished');
    expect(result.recommendation).toBeNull();
    expect(result.notes?.map(({ id }) => id)).toEqual(['tooSlowToCompare', 'startByRule']);
    expect(seconds).toBeLessThan(budget);
  });

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

  it('is measured as ever for another objective than time', async () => {
    const tuning = { budget, objective: 'throughput' };
    const { result } = await sweepOf(modelTaking(0.05), tuning);
    expect(result.notes?.map(({ id }) => id)).not.toContain('tooSlowToCompare');
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
