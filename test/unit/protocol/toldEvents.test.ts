import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LossPoint } from '../../../src/core/sweep/result';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import { toldEvents, toldEventsSchema, type ToldEvents } from '../../../src/protocol/toldEvents';
import { sweepEvents } from '../webview/sweepFixture';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const known = fc.double({ min: 0, max: 1e9, noNaN: true });
const orNull = fc.option(number, { nil: null });

/** Curves whose points all have the same metrics, or none. */
const curve = fc
  .option(fc.uniqueArray(fc.string().filter((name) => name !== '__proto__')), { nil: null })
  .chain((names) =>
    fc.array(
      fc.record({
        iteration: fc.nat(),
        epoch: known,
        seconds: known,
        train: orNull,
        validation: orNull,
        accuracy: orNull,
        ...(names && {
          metrics: fc.record(Object.fromEntries(names.map((name) => [name, orNull]))),
        }),
      }) as fc.Arbitrary<LossPoint>,
    ),
  );

const trials = sweepEvents().flatMap((event) =>
  event.type === 'trialFinished' ? [event.trial] : [],
);

/** As a message arrives. */
const read = (told: unknown) => toldEventsSchema.safeParse(structuredClone(told));

describe('the events of a sweep on their way to a page', () => {
  it('arrive as they were', () => {
    const events = sweepEvents();
    expect(read(toldEvents(events)).data).toEqual(events);
  });

  it('arrive with any curves', () => {
    fc.assert(
      fc.property(fc.array(curve), (curves) => {
        const events = curves.map((loss, index): SweepEvent => {
          const trial = trials[index % trials.length];
          if (!trial) throw new Error('fixture');
          return { type: 'trialFinished', trial: { ...trial, loss } };
        });
        expect(read(toldEvents(events)).data).toEqual(events);
      }),
    );
  });

  const spoilt: Record<string, (told: ToldEvents) => unknown> = {
    'a curve is missing': ({ events, curves }) => ({ events, curves: curves.slice(1) }),
    'a curve ends within a point': ({ events, curves }) => ({
      events,
      curves: curves.map(({ metrics, numbers }) => ({ metrics, numbers: numbers.slice(1) })),
    }),
    'a point lies nowhere': ({ events, curves }) => ({
      events,
      curves: curves.map(({ metrics, numbers }) => ({ metrics, numbers: numbers.fill(NaN) })),
    }),
    'a curve is a list': ({ events, curves }) => ({
      events,
      curves: curves.map(({ metrics, numbers }) => ({ metrics, numbers: [...numbers] })),
    }),
    'an event is none': ({ curves }) => ({ events: [{ type: 'ended' }], curves }),
  };
  it.each(Object.entries(spoilt))('are refused where %s', (_what, spoil) => {
    expect(read(spoil(toldEvents(sweepEvents()))).success).toBe(false);
  });
});
