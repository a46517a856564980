import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sweepEventSchema, type SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { Snapshot } from '../../../src/protocol/panel';
import { savedUi } from '../../../webview/savedUi';
import {
  initialState,
  initialUi,
  phaseOf,
  reduce,
  type Action,
  type PanelState,
} from '../../../webview/store';
import { partOfSweep, sweepEvents } from './sweepFixture';

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    config: 'batchwise.json',
    configUri: 'file:///batchwise.json',
    events: [],
    interrupted: false,
    starting: 'no',
    trusted: true,
    problems: [],
    changedFiles: [],
    compared: [],
    batchSize: 32,
    learningRate: 0.001,
    ...change,
  };
}

const after = (...actions: Action[]): PanelState => actions.reduce(reduce, initialState);
const shown = (change: Partial<Snapshot> = {}): Action => ({
  type: 'snapshot',
  snapshot: snapshot(change),
});

describe('the fixture', () => {
  it('is made of events that fit the contract', () => {
    for (const event of sweepEvents())
      expect(sweepEventSchema.safeParse(event).error).toBeUndefined();
  });
});

describe('phaseOf', () => {
  it('waits for the host', () => {
    expect(phaseOf(initialState)).toBe('loading');
  });

  it.each<[string, Partial<Snapshot>, ReturnType<typeof phaseOf>]>([
    ['no config', { config: null, configUri: null }, 'noConfig'],
    ['a config that was never tuned', {}, 'noSweep'],
    [
      'a config that does not parse',
      { problems: [{ message: 'No.', place: 'batchwise.json:1:1', fix: null }] },
      'invalid',
    ],
    ['a sweep that starts', { starting: 'preparing' }, 'running'],
    ['a sweep that waits for another', { starting: 'waiting' }, 'waiting'],
    ['a sweep that goes on', { events: partOfSweep(0.5) }, 'running'],
    [
      'a sweep whose process is gone',
      { events: partOfSweep(0.5), interrupted: true },
      'interrupted',
    ],
    ['a sweep with a result', { events: sweepEvents() }, 'done'],
    [
      'a finished sweep, whatever is said of its process',
      { events: sweepEvents(), interrupted: true },
      'done',
    ],
    ['a cancelled sweep', { events: [...partOfSweep(0.5), { type: 'cancelled' }] }, 'cancelled'],
    [
      'a failed sweep',
      {
        events: [
          ...partOfSweep(0.2),
          { type: 'failed', error: { id: 'workerDied', values: { cause: 'x' }, text: 'x' } },
        ],
      },
      'failed',
    ],
  ])('tells %s', (_name, change, phase) => {
    expect(phaseOf(after(shown(change)))).toBe(phase);
  });
});

describe('a sweep that starts', () => {
  const progress: Action = {
    type: 'sweepEvents',
    events: [
      {
        type: 'progress',
        text: { id: 'progressPreparing', values: {}, text: 'Preparing' },
        fraction: 0,
        secondsLeft: null,
      },
    ],
  };

  it('runs from its first event on, though that comes before `started`', () => {
    const state = after(shown({ starting: 'waiting' }), progress);
    expect(phaseOf(state)).toBe('running');
    expect(state.sweep?.progress?.text.text).toBe('Preparing');
    expect(phaseOf(reduce(state, { type: 'sweepEvents', events: partOfSweep(0.2) }))).toBe(
      'running',
    );
  });

  it('keeps the measurements of the one it goes on with in sight until it has begun', () => {
    const cancelled: SweepEvent[] = [...partOfSweep(0.5), { type: 'cancelled' }];
    const before = after(shown({ events: cancelled })).sweep?.trials;
    const resumed = after(shown({ events: cancelled, starting: 'preparing' }));
    expect(phaseOf(resumed)).toBe('running');
    expect(resumed.sweep?.trials).toEqual(before);
    const loading = reduce(resumed, progress);
    expect(phaseOf(loading)).toBe('running');
    expect(loading.sweep?.trials).toEqual(before);
  });

  it('is over when the host says so, with nothing told', () => {
    expect(phaseOf(after(shown({ starting: 'preparing' }), shown()))).toBe('noSweep');
  });
});

describe('notes', () => {
  const note = { id: 'nothingFits', values: { batchSize: 8, limit: '1 MB' }, text: 'None fits.' };
  const events = sweepEvents().map((event) =>
    event.type === 'finished'
      ? { ...event, result: { ...event.result, recommendation: null, notes: [note] } }
      : event,
  );

  it('come with the result and go with the next sweep', () => {
    const done = after(shown(), { type: 'sweepEvents', events });
    expect(done.notes).toEqual([note]);
    expect(after(shown({ events })).notes).toEqual([note]);
    expect(reduce(done, { type: 'sweepEvents', events: partOfSweep(0.1) }).notes).toEqual([]);
  });
});

describe('reduce', () => {
  it('reaches the same sweep however the events are cut into messages', () => {
    const events = sweepEvents();
    const whole = after(shown({ events }));
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(events.length), { maxLength: 8 }), (cutsUnsorted) => {
        const cuts = [0, ...cutsUnsorted.sort((a, b) => a - b), events.length];
        const messages = cuts.slice(1).map((end, index): Action => ({
          type: 'sweepEvents',
          events: events.slice(cuts[index], end),
        }));
        expect(after(shown(), ...messages).sweep).toEqual(whole.sweep);
      }),
      { numRuns: 30 },
    );
  });

  it('takes an event as a sign of life', () => {
    const events = partOfSweep(0.5);
    const state = after(shown({ events, interrupted: true }), {
      type: 'sweepEvents',
      events: sweepEvents().slice(events.length, events.length + 1),
    });
    expect(phaseOf(state)).toBe('running');
  });

  it('forgets choices that speak of another sweep', () => {
    const chosen = after(
      shown({ events: sweepEvents() }),
      { type: 'selected', batchSize: 512 },
      { type: 'sizeToggled', batchSize: 8 },
      { type: 'lossAxisChosen', axis: 'seconds' },
    );
    expect(chosen.ui).toMatchObject({ selected: 512, hidden: [8], lossAxis: 'seconds' });
    const again = reduce(chosen, { type: 'sweepEvents', events: partOfSweep(0.1) });
    expect(again.ui).toMatchObject({ selected: null, hidden: [], lossAxis: 'seconds' });
  });

  it('keeps choices when the page comes back to the same sweep', () => {
    const saved = { ...initialUi, selected: 512 };
    const state = reduce({ ...initialState, ui: saved }, shown({ events: sweepEvents() }));
    expect(state.ui.selected).toBe(512);
    expect(reduce(state, shown({ events: sweepEvents(), trusted: false })).ui.selected).toBe(512);
  });

  it('follows the recommendation again once it is picked', () => {
    const state = after(
      shown({ events: sweepEvents() }),
      { type: 'selected', batchSize: 512 },
      { type: 'selected', batchSize: 128 },
    );
    expect(state.sweep?.recommendation?.batchSize).toBe(128);
    expect(state.ui.selected).toBeNull();
  });

  it('toggles back and forth', () => {
    const once = after(
      { type: 'tableToggled', chart: 'loss' },
      { type: 'partToggled', part: 'data' },
    );
    expect(once.ui).toMatchObject({ asTable: ['loss'], hiddenParts: ['data'] });
    const twice = reduce(reduce(once, { type: 'tableToggled', chart: 'loss' }), {
      type: 'partToggled',
      part: 'data',
    });
    expect(twice.ui).toEqual(initialUi);
  });

  it('keeps a refusal until it is dismissed or something else is asked', () => {
    const refused = after({ type: 'asked', action: 'tune' }, { type: 'refused', message: 'No.' });
    expect(refused).toMatchObject({ pending: null, refusal: 'No.' });
    expect(reduce(refused, { type: 'refusalDismissed' }).refusal).toBeNull();
    expect(reduce(refused, { type: 'asked', action: 'tune' })).toMatchObject({
      pending: 'tune',
      refusal: null,
    });
  });

  it('never changes the state it is given', () => {
    const state = after(shown({ events: partOfSweep(0.5) }));
    const copy = structuredClone(state);
    for (const event of sweepEvents()) reduce(state, { type: 'sweepEvents', events: [event] });
    reduce(state, { type: 'sizeToggled', batchSize: 8 });
    expect(state).toEqual(copy);
  });
});

describe('savedUi', () => {
  it('gives back what was kept', () => {
    const ui = { ...initialUi, hidden: [8], asTable: ['memory' as const] };
    expect(savedUi({ configUri: null, ui })).toEqual(ui);
  });

  it('starts afresh from anything else', () => {
    fc.assert(
      fc.property(fc.anything(), (saved) => {
        expect(savedUi(saved)).toEqual(initialUi);
      }),
    );
  });
});
