import type { LossPoint, Trial } from '../../../src/core/sweep/result';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import { sweepEvents } from '../../unit/webview/sweepFixture';

/** A sweep larger than people run: what the panel must still carry with ease. */
export const trialCount = 64;
export const pointCount = 5000;

const sizes = Array.from({ length: trialCount }, (_, index) => 8 + 12 * index + (index >> 3) * 40);

function pointAt(size: number, index: number): LossPoint {
  const wave = 0.02 * Math.sin(index * 0.7 + size);
  const loss = 0.1 + 2.2 * Math.exp(-index / (600 + 4 * size)) + wave;
  return {
    iteration: (index + 1) * 4,
    epoch: ((index + 1) * 4 * size) / 100_000,
    seconds: (index + 1) * (0.001 + size * 2e-6),
    train: loss * 0.96,
    validation: loss,
    accuracy: null,
  };
}

const template = sweepEvents().flatMap((event) =>
  event.type === 'trialFinished' && event.trial.status === 'ok' ? [event.trial] : [],
)[0];
const [begun, prepared] = sweepEvents();
const end = sweepEvents().at(-1);
if (!template || begun?.type !== 'started' || !prepared || end?.type !== 'finished')
  throw new Error('The fixture has changed.');

function trialOf(size: number): Trial {
  const loss = Array.from({ length: pointCount }, (_, index) => pointAt(size, index));
  const seconds = loss.find(({ validation }) => (validation ?? 1) < 0.3)?.seconds ?? null;
  return {
    ...(template as Trial),
    id: `${size}-1`,
    batchSize: size,
    loss,
    iterations: pointCount * 4,
    timeToTargetSeconds: seconds,
    timeToTargetInterval: seconds === null ? null : [seconds * 0.95, seconds * 1.06],
  };
}

const trials = sizes.map(trialOf);
const beginning: SweepEvent[] = [{ ...begun, batchSizes: sizes }, prepared];
const target: SweepEvent = {
  type: 'target',
  target: { metric: 'loss', value: 0.3, source: 'pilot' },
};

/** All of it, ended. */
export function largeSweep(): SweepEvent[] {
  const events: SweepEvent[] = trials.flatMap((trial) => toldWhole(trial));
  const result = { ...(end as Extract<SweepEvent, { type: 'finished' }>).result, trials };
  return [...beginning, target, ...events, { type: 'finished', result }];
}

/** All trials but the last, which trains; and the events with which it goes on. */
export function largeSweepAlive(): { before: SweepEvent[]; points: SweepEvent[] } {
  const last = trials.at(-1) as Trial;
  const [started, ...told] = toldWhole(last);
  return {
    before: [
      ...beginning,
      target,
      ...trials.slice(0, -1).flatMap((trial) => toldWhole(trial)),
      ...(started ? [started] : []),
    ],
    points: told.filter(({ type }) => type === 'lossPoint'),
  };
}

/** As the tuner tells a trial: its points one by one, then all of it. */
function toldWhole(trial: Trial): SweepEvent[] {
  const { id, batchSize, learningRate, phase, loss } = trial;
  return [
    { type: 'trialStarted', id, batchSize, learningRate, phase },
    ...loss.map((point) => ({ type: 'lossPoint' as const, id, point })),
    { type: 'trialFinished', trial },
  ];
}
