import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condensed, thinned, withShortCurves } from '../../../../src/core/sweep/condensed';
import type { SweepEvent } from '../../../../src/core/sweep/sweepEvent';
import { emptySweep, reduceSweep } from '../../../../src/core/sweep/sweepState';
import { partOfSweep, sweepEvents } from '../../webview/sweepFixture';

const stateOf = (events: readonly SweepEvent[]) => events.reduce(reduceSweep, emptySweep);

/** Events of a sweep in any order that trials may take turns in, cut off anywhere. */
const interleaved: fc.Arbitrary<SweepEvent[]> = fc
  .array(fc.tuple(fc.constantFrom('8-1', '64-1', '128-1'), fc.nat(5), fc.nat(30)))
  .map((steps) => {
    const fixture = sweepEvents();
    const [begun, prepared, ...rest] = fixture;
    const others = rest.filter(({ type }) =>
      ['target', 'probeFinished', 'memoryModel', 'recommended', 'progress'].includes(type),
    );
    const of = (id: string) =>
      rest.filter((event) =>
        event.type === 'lossPoint' || event.type === 'trialStarted'
          ? event.id === id
          : event.type === 'trialFinished' && event.trial.id === id,
      );
    const begunIds = new Set<string>();
    const events = steps.flatMap(([id, kind, nth]): SweepEvent[] => {
      const own = of(id);
      if (!begunIds.has(id)) {
        begunIds.add(id);
        return own.slice(0, 1);
      }
      const finished = own.find((event) => event.type === 'trialFinished');
      const points = own.filter(({ type }) => type === 'lossPoint');
      const point = points[nth % points.length];
      if (kind === 0) return own.slice(0, 1);
      if (kind === 1 && finished) return [finished];
      if (kind === 2 && finished) return [{ type: 'trialUpdated', trial: finished.trial }];
      if (kind === 3) return others.slice(nth % others.length).slice(0, 1);
      return point ? [point] : [];
    });
    return [begun, prepared, ...events].filter((event) => event !== undefined);
  });

describe('condensed events', () => {
  it('come to the same state', () => {
    fc.assert(
      fc.property(interleaved, (events) => {
        expect(stateOf(condensed(events))).toEqual(stateOf(events));
      }),
    );
  });

  it('are the beginning and the end of a finished sweep, and no curve twice of one that runs', () => {
    expect(condensed(sweepEvents()).map(({ type }) => type)).toEqual([
      'started',
      'prepared',
      'finished',
    ]);
    const part = partOfSweep(0.9);
    expect(stateOf(condensed(part))).toEqual(stateOf(part));
    expect(condensed(part).length).toBeLessThan(part.length / 4);
  });
});

describe('a thinned curve', () => {
  it('is short, in order, and keeps its ends and its extremes', () => {
    const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 6, max: 60 }),
        (ys, most) => {
          const points = ys.map((y, x) => ({ x, y }));
          const kept = thinned(points, most, ({ y }) => y);
          expect(kept.length).toBeLessThanOrEqual(Math.max(most, 1));
          expect(kept.map(({ x }) => x)).toEqual(kept.map(({ x }) => x).toSorted((a, b) => a - b));
          expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
          const extremes = (of: readonly { y: number }[]) => [
            Math.min(...of.map(({ y }) => y)),
            Math.max(...of.map(({ y }) => y)),
          ];
          expect(extremes(kept)).toEqual(extremes(points));
        },
      ),
    );
  });

  it('is left alone where it is short', () => {
    for (const event of sweepEvents()) expect(withShortCurves(event)).toEqual(event);
  });
});
