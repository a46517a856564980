import { describe, expect, it } from 'vitest';
import {
  english,
  problem,
  render,
  describe as told,
  type Translate,
} from '../../../../src/core/text/problem';

const shouting: Translate = (template, values) => english(template.toUpperCase(), values);
/** Placeholders survive the capitals. */
const translate: Translate = (template, values) =>
  shouting(
    template,
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toUpperCase(), value])),
  );

describe('a text for people', () => {
  it('has a cause of ours in the same language, with its own values', () => {
    const values = { path: 'x.npy', cause: 'causeNpyVersion', version: 7 };
    expect(told(problem('dataNpyHeader', values))).toMatch(
      /^x\.npy is not a NumPy array that can be read: it has format version 7\.$/,
    );
    expect(render({ id: 'dataNpyHeader', values }, translate)).toContain('IT HAS FORMAT VERSION 7');
  });

  it('keeps a cause from outside as it is', () => {
    for (const cause of ['EACCES: permission denied', 'causeOfDeath', 'cause']) {
      const text = render({ id: 'dataNpyHeader', values: { path: 'x.npy', cause } }, translate);
      expect(text).toContain(`: ${cause}.`);
    }
  });

  it('names the metric in the same language', () => {
    const values = { batchSize: 8, metric: 'loss', target: 0.3, seconds: '1 s' };
    expect(render({ id: 'firstToTarget', values }, translate)).toContain('LOSS 0.3');
    expect(render({ id: 'firstToTarget', values })).toContain('reached loss 0.3 first');
  });

  it('tells points in time on the clock of the person', () => {
    const values = { at: '2026-11-24T03:45:18.843Z', seconds: '2 s' };
    const text = render({ id: 'resultReused', values });
    expect(text).toMatch(
      /since Nov 2[345], 2026, \d{1,2}:\d\d\s[AP]M, so the earlier result is shown/,
    );
    expect(render({ id: 'resultReused', values }, english, 'ja')).toContain('2026/11/2');
    expect(render({ id: 'resultReused', values: { ...values, at: 'then' } })).toContain('then');
  });
});
