import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trialSchema, type Trial } from '../../../../src/core/sweep/result';
import type { SweepEvent } from '../../../../src/core/sweep/sweepEvent';
import { parseLog } from '../../../../src/tuner/history/runLog';
import { resumption } from '../../../../src/tuner/history/resume';

function trial(id: string, changes: Partial<Trial> = {}): Trial {
  return trialSchema.parse({
    id,
    batchSize: Number(id.split('-')[0]),
    phase: 'race',
    seed: 42,
    status: 'ok',
    stopReason: 'reached target',
    stepMs: 2,
    stepMsInterval: [1.9, 2.1],
    samplesPerSecond: 1000,
    peakBytes: 1000,
    memory: null,
    iterations: 100,
    learningRate: 0.001,
    gradientAccumulation: 1,
    schedule: null,
    gradientNoiseScale: null,
    noise: [],
    loss: [1, 2].map((epoch) => ({
      iteration: epoch * 10,
      epoch,
      seconds: epoch,
      train: 1,
      validation: 1 / epoch,
    })),
    timeToTargetSeconds: 0.2,
    timeToTargetInterval: null,
    predictedTimeToTargetSeconds: null,
    evaluationSeconds: 0,
    error: null,
    ...changes,
  });
}

const probed = { stopReason: 'probed', phase: 'probe' as const, timeToTargetSeconds: null };
const log: SweepEvent[] = [
  {
    type: 'started',
    formatVersion: 1,
    sweepId: 'a',
    at: '2026-01-01T00:00:00.000Z',
    config: 'batchwise.json',
    seed: 42,
    objective: 'time',
    batchSizes: [8, 16, 32, 64],
    budgetSeconds: 60,
    configured: { batchSize: 32, learningRate: 0.001, epochs: 10 },
    fingerprint: 'same',
    pid: 1,
  },
  { type: 'trialUpdated', trial: trial('8-1', probed) },
  { type: 'trialUpdated', trial: trial('16-1', probed) },
  { type: 'startEvaluated', seed: 42, value: 2.3 },
  { type: 'trialUpdated', trial: trial('32-1', probed) },
  { type: 'target', target: { metric: 'loss', value: 0.4, source: 'pilot' } },
  {
    type: 'trialFinished',
    trial: trial('32-1', { gradientNoiseScale: 120 }),
    spentSeconds: 9,
    samplesTrained: 900,
  },
  {
    type: 'trialFinished',
    trial: trial('16-1', { timeToTargetSeconds: null, stopReason: 'slower than the best' }),
    spentSeconds: 12,
    samplesTrained: 1200,
  },
  { type: 'trialUpdated', trial: trial('8-1', { stopReason: null, timeToTargetSeconds: null }) },
];
const text = log.map((event) => `${JSON.stringify(event)}\n`).join('');

describe('resuming a cut-off sweep', () => {
  it('keeps all that was finished, wherever the log was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (cut) => {
        const written = text.slice(0, cut);
        const whole = written.split('\n').length - 1;
        // A last line without its end of line may still be whole.
        const events = parseLog(written);
        expect([whole, whole + 1]).toContain(events.length);
        const { resumed, note } = resumption(events, 'same', 42);
        if (events.length === 0) {
          expect(note.id).toBe('resumeNothing');
          return;
        }
        const finished = log
          .slice(0, events.length)
          .flatMap((event) => (event.type === 'trialFinished' ? [event.trial] : []));
        const restored = [...(resumed?.trials.values() ?? [])];
        expect(restored.filter((each) => each.finished).map((each) => each.trial)).toEqual(
          expect.arrayContaining(finished),
        );
        expect(restored.filter((each) => each.finished).length).toBe(finished.length);
        for (const each of restored.filter(({ finished }) => !finished)) {
          // Its weights are gone, its step time and memory hold.
          expect(each.trial).toMatchObject({ stepMs: 2, peakBytes: 1000, iterations: 0, loss: [] });
        }
        expect(resumed?.seconds).toBe([0, 9, 12][finished.length]);
      }),
      { numRuns: 500 },
    );
  });

  it('brings back target, start and noise scale', () => {
    const { resumed } = resumption(log, 'same', 42);
    expect(resumed?.target?.value).toBe(0.4);
    expect(resumed?.starts.get(42)).toBe(2.3);
    expect(resumed?.noiseScale).toBe(120);
    expect(resumed?.trials.get('8-1')?.finished).toBe(false);
  });

  it('starts afresh, and says why, where something changed or nothing was cut off', () => {
    expect(resumption(log, 'other', 42).note.id).toBe('resumeChanged');
    expect(resumption(log, 'same', 7).note.id).toBe('resumeChanged');
    expect(resumption([], 'same', 42).note.id).toBe('resumeNothing');
  });
});
