import type { LossPoint } from './result';
import type { SweepEvent } from './sweepEvent';

/** Points of a curve that a chart is given at most: more than it has pixels. */
const mostCurvePoints = 800;
/** Points of all curves together, and the fewest of one. */
const mostPoints = 10_000;
const fewestCurvePoints = 150;

/** @param trials how many curves there are */
export function pointsOfCurve(trials: number): number {
  const share = Math.floor(mostPoints / Math.max(1, trials));
  return Math.min(mostCurvePoints, Math.max(fewestCurvePoints, share));
}

const replacedBySameType = new Set<SweepEvent['type']>([
  'prepared',
  'progress',
  'target',
  'probeFinished',
  'memoryModel',
  'recommended',
]);

/**
 * Fewer events that come to the same state (see reduceSweep), for those who join late: what later
 * events replace is left out.
 */
export function condensed(events: readonly SweepEvent[]): SweepEvent[] {
  const begin = events.findLastIndex(({ type }) => type === 'started');
  const own = begin < 0 ? events : events.slice(begin);
  const last = own.at(-1);
  if (last?.type === 'finished')
    return own.filter((event) => ['started', 'prepared'].includes(event.type) || event === last);
  const kept: SweepEvent[] = [];
  const seen = new Set<string>();
  /** Trials that a later event tells whole, and of these the ones of which one earlier event is kept. */
  const whole = new Set<string>();
  const touched = new Set<string>();
  for (const event of own.toReversed()) {
    const id = trialOf(event);
    if (id === null) {
      const isOld = replacedBySameType.has(event.type) && seen.has(event.type);
      seen.add(event.type);
      if (!isOld) kept.push(event);
    } else if (event.type === 'trialStarted' || event.type === 'trialFinished') {
      whole.add(id);
      touched.delete(id);
      kept.push(event);
    } else if (!whole.has(id) || !touched.has(id)) {
      // The last one before it says which trial was active.
      if (whole.has(id)) touched.add(id);
      if (event.type === 'trialUpdated') {
        whole.add(id);
        touched.add(id);
      }
      kept.push(event);
    }
  }
  return kept.reverse();
}

function trialOf(event: SweepEvent): string | null {
  if (event.type === 'trialStarted' || event.type === 'lossPoint') return event.id;
  return event.type === 'trialUpdated' || event.type === 'trialFinished' ? event.trial.id : null;
}

/** The same event with no more points in a curve than a chart can show. */
export function withShortCurves(event: SweepEvent, most = mostCurvePoints): SweepEvent {
  if (event.type === 'trialUpdated' || event.type === 'trialFinished')
    return { ...event, trial: { ...event.trial, loss: shortCurve(event.trial.loss, most) } };
  if (event.type !== 'finished') return event;
  const trials = event.result.trials.map((trial) => ({
    ...trial,
    loss: shortCurve(trial.loss, most),
  }));
  return { ...event, result: { ...event.result, trials } };
}

function shortCurve(loss: LossPoint[], most: number): LossPoint[] {
  return [...thinned(loss, most, ({ validation, train }) => validation ?? train)];
}

/**
 * A curve with `most` points or a few less: the least and the greatest of each of so many stretches,
 * and both ends, so that neither the lowest loss nor a spike is lost.
 */
export function thinned<T>(
  points: readonly T[],
  most: number,
  valueOf: (point: T) => number | null,
): readonly T[] {
  if (points.length <= most) return points;
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const kept = new Set([0, points.length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * points.length) / stretches);
    const to = Math.floor(((stretch + 1) * points.length) / stretches);
    let [least, greatest] = [-1, -1];
    let [low, high] = [Infinity, -Infinity];
    for (let index = from; index < to; index++) {
      const point = points[index];
      const value = point === undefined ? null : valueOf(point);
      if (value === null) continue;
      if (value < low) [low, least] = [value, index];
      if (value > high) [high, greatest] = [value, index];
    }
    if (least >= 0) kept.add(least).add(greatest);
  }
  return [...kept].sort((a, b) => a - b).flatMap((index) => points[index] ?? []);
}
