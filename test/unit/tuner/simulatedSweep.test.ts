import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LossPoint } from '../../../src/core/sweep/result';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import { readNewestSweep, runFolder } from '../../../src/tuner/history/runLog';
import { simulate, type Simulated } from './simulatedSweep';
import type { World } from './simulatedTrainer';
import { configured, randomSurface, sizesOf, truth, worldOf } from './syntheticWorld';

interface Outcome extends Simulated {
  /** True seconds of the recommended size to the sweep's target over those of the truly best one. */
  readonly regret: number;
  /** The same to a fixed loss, further than most sweeps' own target: what a pilot's end costs, too. */
  readonly regretAtEnd: number;
  /** True seconds of the best size: T*. */
  readonly best: number;
}

const count = 100;
const scatters = [0, 0.05, 0.1, 0.15];

async function sweepOf(seed: number, runScatter: number): Promise<Outcome> {
  const surface = randomSurface(seed, runScatter);
  const swept = await simulate(worldOf(surface), { epochs: surface.epochs, ...configured });
  const best = (loss?: number) =>
    Math.min(...sizesOf(surface).map((batchSize) => truth(surface, batchSize, loss)));
  const picked = swept.result.recommendation?.batchSize ?? NaN;
  const target = swept.result.target?.value ?? NaN;
  return {
    ...swept,
    best: best(),
    regret: truth(surface, picked, target) / best(target),
    regretAtEnd: truth(surface, picked) / best(),
  };
}

const validation = (point: LossPoint) => point.validation;

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const quantileOf = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;

describe('a sweep of a config', () => {
  it('scales the learning rate of a configured size above the data set from the data set', async () => {
    const surface = randomSurface(7100, 0);
    const world = worldOf(surface);
    const { learningRate } = world;
    const above = { epochs: surface.epochs, batchSize: 8 * surface.samples, learningRate };
    const { result } = await simulate(world, above);
    const rateAt = (size: number) =>
      result.trials.find(({ batchSize, purpose }) => batchSize === size && purpose !== 'twice-rate')
        ?.learningRate;
    expect(rateAt(surface.samples)).toBe(learningRate);
    expect(rateAt(64)).toBeCloseTo(learningRate * Math.sqrt(64 / surface.samples), 5);
  });
});

describe('sweeps on made-up surfaces of cost', () => {
  const outcomes = new Map<number, readonly Outcome[]>();
  beforeAll(async () => {
    for (const scatter of scatters) {
      const own: Outcome[] = [];
      for (let i = 0; i < count; i++) own.push(await sweepOf(1000 + i, scatter));
      outcomes.set(scatter, own);
    }
  }, 480_000);
  const outcomesAt = (scatter: number) => outcomes.get(scatter) ?? [];

  it.each(scatters)('lose at most 5% in the mean where runs scatter by %d', (scatter) => {
    expect(meanOf(outcomesAt(scatter).map(({ regret }) => regret))).toBeLessThan(1.05);
    expect(meanOf(outcomesAt(scatter).map((each) => each.regretAtEnd))).toBeLessThan(1.06);
  });

  it('find the best though it looked slow for as long as the others raced it', async () => {
    let found = 0;
    for (let i = 0; i < 40; i++) {
      const surface = { ...randomSurface(7000 + i, 0), seedScatter: 0 };
      const seconds = (batchSize: number) => truth(surface, batchSize);
      const best = sizesOf(surface).reduce((a, b) => (seconds(b) < seconds(a) ? b : a));
      const learningRate = configured.learningRate * Math.sqrt(best / configured.batchSize);
      const plain = worldOf(surface);
      let isSlow = false;
      const world: World = {
        ...plain,
        learningRate,
        stepSeconds: (batchSize) =>
          (isSlow && batchSize === best ? 1.4 : 1) * plain.stepSeconds(batchSize),
      };
      const onEvent = (event: SweepEvent) => {
        if (event.type === 'target') isSlow = true;
        if (event.type === 'progress' && event.text.id === 'progressFinalists') isSlow = false;
      };
      const config = { epochs: surface.epochs, batchSize: best, learningRate };
      const { result } = await simulate(world, config, { onEvent });
      // Sizes within 5% by what was measured are equal, and the smaller one is taken.
      if (seconds(result.recommendation?.batchSize ?? NaN) < 1.08 * seconds(best)) found++;
    }
    expect(found).toBeGreaterThan(30);
  }, 60_000);

  it('cost a few times the best size, and without the probe seldom more than ten or 20 s', () => {
    const own = outcomesAt(0.05);
    // Where trainings are shorter, finalists race with more seeds.
    const long = own.filter(({ best }) => best > 1);
    const ratios = long.map(({ seconds, phases, best }) => (seconds - phases.probe) / best);
    expect(quantileOf(ratios, 0.5)).toBeLessThan(10);
    const over = own.map(
      ({ seconds, phases, best }) => (seconds - phases.probe) / Math.max(20, 10 * best),
    );
    expect(quantileOf(over, 0.9)).toBeLessThan(1);
  });

  it('recommend only sizes that reached the target, whatever the surface', () => {
    for (const { result } of scatters.flatMap(outcomesAt)) {
      const size = result.recommendation?.batchSize;
      const picked = result.trials.filter(({ batchSize }) => batchSize === size);
      expect(picked.some(({ timeToTargetSeconds }) => timeToTargetSeconds !== null)).toBe(true);
    }
  });

  it('claim to have beaten only sizes that were trained beside the recommended one', () => {
    for (const { result } of scatters.flatMap(outcomesAt)) {
      const trained = result.trials.filter(
        ({ phase, status }) => phase !== 'probe' && status === 'ok',
      );
      const sizes = new Set(trained.map(({ batchSize }) => batchSize));
      const { beat = [], tied = [] } = result.recommendation?.confidence ?? {};
      for (const { batchSize } of [...beat, ...tied]) {
        expect(sizes).toContain(batchSize);
        expect(batchSize).not.toBe(result.recommendation?.batchSize);
      }
    }
  });

  it('recommend a growing schedule only where its own trial was no slower than any constant size', () => {
    const scheduled = scatters
      .flatMap(outcomesAt)
      .filter(({ result }) => result.trials.some(({ schedule }) => schedule !== null));
    expect(scheduled.length).toBeGreaterThan(10);
    const recommended = scheduled.filter(({ result }) => result.recommendation?.schedule);
    expect(recommended.length).toBeGreaterThan(0);
    for (const { result } of recommended) {
      const { trials, recommendation } = result;
      const seconds = (isWanted: (trial: (typeof trials)[number]) => boolean) =>
        trials.filter(isWanted).map((trial) => trial.timeToTargetSeconds ?? Infinity);
      const [took = Infinity] = seconds(({ schedule }) => schedule !== null);
      const constant = seconds(
        ({ schedule, seed, batchSize }) =>
          schedule === null && seed === result.seed && batchSize === recommendation?.batchSize,
      );
      expect(took).toBeLessThanOrEqual(Math.min(...constant));
    }
  });

  it('come to the same size with the same seed on a machine that drifts otherwise, or to one that cannot be told from it', async () => {
    let [same, told] = [0, 0];
    for (let i = 0; i < 40; i++) {
      const surface = randomSurface(3000 + i, 0.1);
      const config = { epochs: surface.epochs, ...configured };
      const world = worldOf(surface);
      const [one, other] = [
        await simulate(world, config),
        await simulate(world, config, { machineSeed: 7 }),
      ].map(({ result }) => result.recommendation?.batchSize ?? NaN);
      if (one === undefined || other === undefined) throw new Error('two sweeps');
      const ratio = truth(surface, one) / truth(surface, other);
      if (one === other) same++;
      if (Math.abs(Math.log(ratio)) < 0.15) told++;
    }
    expect(same).toBeGreaterThan(20);
    expect(told).toBeGreaterThanOrEqual(38);
  }, 120_000);
});

describe('a sweep', () => {
  const surface = randomSurface(77, 0.1);
  const config = { epochs: surface.epochs, ...configured };

  it('measures every size of a list, though throughput is saturated', async () => {
    const saturated = worldOf({ ...surface, samples: 4000, knee: 4 });
    const batchSizes = [8, 16, 32, 64, 128, 256];
    const climbed = await simulate(saturated, { ...config, tuning: { batchSizes: { min: 8 } } });
    expect(climbed.result.probe?.stopReason).toBe('saturated');
    const listed = await simulate(saturated, { ...config, tuning: { batchSizes } });
    expect(listed.result.probe?.stopReason).toBe('list');
    const timed = listed.result.trials.filter(({ stepMs }) => stepMs !== null);
    expect(new Set(timed.map(({ batchSize }) => batchSize))).toEqual(new Set(batchSizes));
  });

  it('times no size in the first steps of a process, which are several times slower', async () => {
    const world: World = { ...worldOf(surface), coldness: (worked) => (worked < 0.5 ? 3 : 1) };
    const { result } = await simulate(world, config);
    const smallest = result.trials.find(({ id }) => id === '8-1');
    expect(smallest?.stepMs).toBeLessThan(1.3 * 1000 * world.stepSeconds(8));
  });

  it('finds a target with other sizes where the configured one learns nothing', async () => {
    const whole = worldOf(surface);
    const world: World = {
      ...whole,
      begin: (options, pace) => {
        const training = whole.begin(options, pace);
        return options.batchSize === configured.batchSize
          ? { ...training, lossAt: () => training.lossAt(0) }
          : training;
      },
    };
    const { result, seconds } = await simulate(world, config);
    expect(result.target).not.toBeNull();
    expect(result.recommendation?.batchSize).not.toBe(configured.batchSize);
    expect(seconds).toBeLessThan(60);
  });

  it('finds that the whole data set is the best batch, though its curve is flat until late', async () => {
    const small = { ...surface, samples: 800, epochs: 400, knee: 1000, noiseScale: 40 };
    const plain = worldOf(small);
    const [start, end] = [1, 0.01];
    const world: World = {
      ...plain,
      begin: (options, pace) => {
        const training = plain.begin(options, pace);
        if (options.batchSize !== small.samples) return training;
        const updates = (0.5 * truth(small, 512)) / plain.stepSeconds(small.samples);
        return {
          ...training,
          lossAt: (iterations) => ({
            loss: end + (start - end) / (1 + (iterations / (0.8 * updates)) ** 12),
            standardError: 0.01,
          }),
        };
      },
    };
    const { result } = await simulate(world, { ...configured, epochs: small.epochs });
    expect(result.recommendation?.batchSize).toBe(small.samples);
  });

  it('cut off at any byte goes on from its log, and repeats nothing that was finished', async () => {
    const events: SweepEvent[] = [];
    const world = worldOf(surface);
    await simulate(world, config, { onEvent: (event) => events.push(event) });
    const logged = events.filter(({ type }) => type !== 'finished');
    const text = logged.map((event) => `${JSON.stringify(event)}\n`).join('');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1000, max: text.length }), async (cut) => {
        const folder = mkdtempSync(path.join(tmpdir(), 'batchwise-cut-'));
        try {
          const configFile = path.join(folder, 'batchwise.json');
          mkdirSync(runFolder(configFile), { recursive: true });
          writeFileSync(path.join(runFolder(configFile), '2000-a.jsonl'), text.slice(0, cut));
          const before = readNewestSweep(configFile)?.events ?? [];
          const { result } = await simulate(world, config, { folder, resume: true });
          const finished = before.flatMap((event) =>
            event.type === 'trialFinished' ? [event] : [],
          );
          for (const { trial } of finished.filter(({ trial: { status } }) => status === 'ok')) {
            const kept = result.trials.find(({ id }) => id === trial.id);
            // The rest of the sweep may have no use for a repeat or a check of another winner.
            if (trial.id.endsWith('-1')) expect(kept).toBeDefined();
            if (kept) expect(kept.loss.map(validation)).toEqual(trial.loss.map(validation));
          }
          expect(result.recommendation).not.toBeNull();
          const spent = finished.at(-1);
          if (!spent) return;
          expect(result.cost.seconds).toBeGreaterThan(spent.spentSeconds ?? 0);
          expect(result.cost.samplesTrained).toBeGreaterThanOrEqual(spent.samplesTrained ?? 0);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  }, 120_000);
});
