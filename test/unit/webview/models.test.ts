import * as fc from 'fast-check';
import { predictedBytes } from '../../../src/core/sweep/readings';
import { describe, expect, it } from 'vitest';
import { emptySweep, reduceSweep, type SweepState } from '../../../src/core/sweep/sweepState';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { Subject } from '../../../src/protocol/side';
import { lossModel } from '../../../webview/model/lossModel';
import { memoryChartModel, nearestSize, throughputModel } from '../../../webview/model/sizeModels';
import { markedSeconds, timeModel } from '../../../webview/model/timeModel';
import { noiseOf } from '../../../webview/model/noise';
import { sideCharts } from '../../../webview/model/sideModels';
import { axisSizes, chosenSize, repeatOf, summarize } from '../../../webview/model/trials';
import { partOfSweep, sweepEvents } from './sweepFixture';

const sweepOf = (events: readonly SweepEvent[]): SweepState =>
  events.reduce(reduceSweep, emptySweep);
const done = sweepOf(sweepEvents());
const summaries = summarize(done);
const sizes = axisSizes(done, false);

describe('summarize', () => {
  it('tells what became of each size', () => {
    expect(summaries.map(({ batchSize, outcome }) => [batchSize, outcome])).toEqual([
      [8, 'stoppedEarly'],
      [16, 'reached'],
      [32, 'reached'],
      [64, 'reached'],
      [128, 'reached'],
      [256, 'reached'],
      [512, 'reached'],
      [1024, 'reached'],
      [2048, 'diverged'],
      [4096, 'out-of-memory'],
    ]);
  });

  it('tells a size whose speed was measured alone from one that was skipped', () => {
    const trials = done.trials.slice(0, 2).map((trial, index) => ({
      ...{ ...trial, status: 'skipped' as const, loss: [], timeToTargetSeconds: null },
      stepMs: index === 0 ? trial.stepMs : null,
    }));
    const outcomes = summarize({ ...done, trials }).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['measured', 'skipped']);
  });

  it('takes the mean over seeds, and leaves other learning rates out', () => {
    const trial = done.trials.find(({ batchSize }) => batchSize === 64);
    if (!trial) throw new Error('fixture');
    const repeat = { ...trial, id: '64-2', seed: 43, timeToTargetSeconds: 4.5 };
    const faster = { ...trial, id: '64-3', learningRate: 0.1, timeToTargetSeconds: 0.1 };
    const first = { ...trial, timeToTargetSeconds: 2 };
    const state = { ...done, trials: [first, repeat, faster] };
    const others = [3, 6].map((seconds, index) => ({
      ...trial,
      id: `128-${index}`,
      batchSize: 128,
      seed: 42 + index,
      timeToTargetSeconds: seconds,
    }));
    const both = summarize({ ...state, trials: [...state.trials, ...others] });
    expect(both[0]?.seconds).toBeCloseTo(3, 9);
    expect(state.trials.map((each) => repeatOf(each, state))).toEqual([
      null,
      'seed',
      'learningRate',
    ]);
  });

  it('takes speed and memory from a probe where the race has none', () => {
    const trial = done.trials.find(({ batchSize }) => batchSize === 64);
    if (!trial) throw new Error('fixture');
    const state = sweepOf([
      {
        type: 'trialFinished',
        trial: { ...trial, id: '64-0', phase: 'probe', loss: [], timeToTargetSeconds: null },
      },
      {
        type: 'trialFinished',
        trial: { ...trial, stepMs: null, samplesPerSecond: null, peakBytes: null },
      },
    ]);
    expect(summarize(state)).toMatchObject([
      {
        batchSize: 64,
        outcome: 'reached',
        stepMs: trial.stepMs,
        peakBytes: trial.peakBytes,
        samplesPerSecond: trial.samplesPerSecond,
      },
    ]);
  });

  it('leaves accumulated and scheduled trials to the table', () => {
    const [trial] = done.trials;
    if (!trial) throw new Error('fixture');
    const state = sweepOf([
      { type: 'trialFinished', trial: { ...trial, id: 'a', gradientAccumulation: 4 } },
      {
        type: 'trialFinished',
        trial: { ...trial, id: 'b', schedule: [{ epoch: 0, batchSize: 8, learningRate: 0.1 }] },
      },
    ]);
    expect(summarize(state)).toEqual([]);
  });
});

describe('axisSizes', () => {
  it('shows the planned ladder while the sweep runs and what was tried afterwards', () => {
    const half = sweepOf(partOfSweep(0.5));
    expect(axisSizes(half, true)).toEqual([8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]);
    expect(axisSizes(half, false).length).toBeLessThan(10);
  });
});

describe('lossModel', () => {
  it('counts what the axis says', () => {
    const last = (axis: 'samples' | 'iterations' | 'seconds') =>
      lossModel(done, summaries, axis)
        .series.find(({ batchSize }) => batchSize === 128)
        ?.validation.at(-1)?.x;
    const trial = done.trials.find(({ batchSize }) => batchSize === 128);
    expect(last('iterations')).toBe(trial?.iterations);
    expect(last('samples')).toBe((trial?.iterations ?? 0) * 128);
    expect(last('seconds')).toBe(trial?.loss.at(-1)?.seconds);
  });

  it('leaves out values that are not finite numbers', () => {
    const state = sweepOf([
      ...partOfSweep(0.01),
      { type: 'trialStarted', id: 'x', batchSize: 8, phase: 'race', learningRate: 0.1 },
      {
        type: 'lossPoint',
        id: 'x',
        point: { iteration: 1, epoch: 1, seconds: 1, train: null, validation: 2, accuracy: null },
      },
    ]);
    const [series] = lossModel(state, summarize(state), 'samples').series;
    expect(series).toMatchObject({ train: [], lastTrain: null, bestValidation: { y: 2 } });
  });
});

describe('charts over batch sizes', () => {
  it('show a size that ran out of memory without a peak', () => {
    const { bars, limitBytes, largestBatchSize } = memoryChartModel(done, summaries, sizes);
    expect(bars.at(-1)).toMatchObject({ batchSize: 4096, outOfMemory: true, peakBytes: null });
    expect({ limitBytes, largestBatchSize }).toEqual({ limitBytes: 512e6, largestBatchSize: 3148 });
  });

  it('show the memory model as the larger of its two lines', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(1e9), fc.nat(1e6)),
        fc.tuple(fc.nat(1e9), fc.nat(1e6)),
        fc.integer({ min: 1, max: 1e5 }),
        (u, a, size) => {
          const model = {
            updateBytes: u,
            activationBytes: a,
            limitBytes: null,
            largestBatchSize: null,
          };
          const value = predictedBytes(model, size);
          expect(value).toBeGreaterThanOrEqual(u[0] + u[1] * size);
          expect(value).toBeGreaterThanOrEqual(a[0] + a[1] * size);
          expect([u[0] + u[1] * size, a[0] + a[1] * size]).toContain(value);
        },
      ),
    );
  });

  it('draw the fit through the points it was made from', () => {
    const { fit, points } = throughputModel(done, summaries, sizes);
    const [first, last] = [points[0], points.at(-1)];
    expect(fit[0]?.x).toBe(first?.batchSize);
    expect(fit.at(-1)?.x).toBeCloseTo(last?.batchSize ?? 0);
    expect((fit.at(-1)?.y ?? 0) / (last?.samplesPerSecond ?? 1)).toBeGreaterThan(0.9);
    expect((fit.at(-1)?.y ?? 0) / (last?.samplesPerSecond ?? 1)).toBeLessThan(1.1);
  });

  it('mark a stopped size from where it was stopped to what it was predicted', () => {
    const model = timeModel(done, summaries, sizes);
    const trial = done.trials[0];
    expect(model.stopped).toEqual([
      {
        batchSize: 8,
        seconds: trial?.loss.at(-1)?.seconds,
        predicted: trial?.predictedTimeToTargetSeconds,
        stopReason: 'slower than the best',
      },
    ]);
    expect(markedSeconds(model, 8)).toBe(trial?.predictedTimeToTargetSeconds);
    const best = model.reached.toSorted((a, b) => a.seconds - b.seconds)[0];
    expect(model.recommended).toBe(best?.batchSize);
    expect(model.failed).toEqual([
      { batchSize: 2048, outcome: 'diverged' },
      { batchSize: 4096, outcome: 'out-of-memory' },
    ]);
  });

  it('give no prediction that training has already outlived', () => {
    const trials = done.trials.map((trial) =>
      trial.batchSize === 8 ? { ...trial, predictedTimeToTargetSeconds: 0.1 } : trial,
    );
    const state = { ...done, trials };
    expect(timeModel(state, summarize(state), sizes).stopped[0]?.predicted).toBeNull();
  });

  it('never place a loser below the seconds it has trained, and all marks inside the range', () => {
    const seconds = fc.option(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(seconds, seconds), { maxLength: 10 }), (times) => {
        const trials = times.map(([time, predicted], index) => {
          const trial = done.trials[index];
          if (!trial) throw new Error('fixture');
          return {
            ...trial,
            status: 'ok' as const,
            loss: trial.loss.slice(0, 2),
            timeToTargetSeconds: time,
            timeToTargetInterval: null,
            predictedTimeToTargetSeconds: predicted,
          };
        });
        const state = { ...done, trials };
        const model = timeModel(state, summarize(state), sizes);
        for (const { batchSize, seconds: trained } of model.stopped)
          expect(markedSeconds(model, batchSize)).toBeGreaterThanOrEqual(trained);
        for (const size of model.sizes) {
          const [low, high] = model.range ?? [Infinity, -Infinity];
          expect(markedSeconds(model, size)).toBeGreaterThanOrEqual(low);
          expect(markedSeconds(model, size)).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  it('count a size that passed the target without racing to it', () => {
    const trials = done.trials.map((trial) => ({ ...trial, timeToTargetSeconds: null }));
    const target = { metric: 'loss' as const, value: 0.6, source: 'config' as const };
    const state = { ...done, trials, target };
    const found = timeModel(state, summarize(state), sizes).reached.find(
      ({ batchSize }) => batchSize === 128,
    );
    const points = trials.find(({ batchSize }) => batchSize === 128)?.loss ?? [];
    const after = points.findIndex(({ validation }) => (validation ?? 1) <= 0.6);
    expect(found?.seconds).toBeGreaterThan(points[after - 2]?.seconds ?? Infinity);
    expect(found?.seconds).toBeLessThan(points[after + 2]?.seconds ?? 0);
  });

  it('snap a dragged marker to the nearest measured size on the log2 axis', () => {
    expect(nearestSize([8, 16, 64], 11)).toBe(8);
    expect(nearestSize([8, 16, 64], 12)).toBe(16);
    expect(nearestSize([8, 16, 64], 31)).toBe(16);
    expect(nearestSize([8, 16, 64], 33)).toBe(64);
    expect(nearestSize([], 33)).toBeNull();
  });

  it('choose the recommended size unless a tried one was picked', () => {
    expect(chosenSize(done, null)).toBe(128);
    expect(chosenSize(done, 512)).toBe(512);
    expect(chosenSize(done, 77)).toBe(128);
    expect(chosenSize(emptySweep, null)).toBeNull();
  });
});

describe('noiseOf', () => {
  const [trial] = done.trials;
  if (!trial) throw new Error('fixture');
  const point = { samples: 100, value: 90, low: 35, high: 228 };

  it('gives an interval only with the value that it belongs to', () => {
    expect(noiseOf([{ ...trial, gradientNoiseScale: 90, noise: [point] }])?.interval).toEqual([
      35, 228,
    ]);
    expect(noiseOf([{ ...trial, gradientNoiseScale: 208, noise: [point] }])).toEqual({
      value: 208,
      interval: null,
      approximate: false,
    });
  });

  it('is null where it was not measured', () => {
    expect(noiseOf([{ ...trial, gradientNoiseScale: null }])).toBeNull();
  });
});

describe('the side view', () => {
  const subject = (batchSize: number | null): Subject => ({
    file: 'train.py',
    line: 4,
    call: 'model.fit',
    batchSize,
    epochs: 4,
    accumulation: 1,
    dropsLast: false,
    learningRate: 0.001,
    samples: 11_500,
    model: null,
    estimate: [],
    unknownLayers: [],
    config: 'batchwise.json',
    measured: { engine: 'TensorFlow.js (WASM)', device: 'Some CPU' },
  });

  it('gives a size that was not run its place in the time chart, and no point', () => {
    const { time } = sideCharts(subject(100), done);
    expect(time.followsCursor).toBe(true);
    expect(time.axisSizes).toEqual([...sizes, 100].sort((a, b) => a - b));
    expect(time.sizes).not.toContain(100);
    expect(sideCharts(subject(64), done).time.axisSizes).toEqual(sizes);
    expect(sideCharts(subject(null), done).time.axisSizes).toEqual(sizes);
    expect(sideCharts(subject(100), null).time.axisSizes).toEqual([]);
  });
});
