import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageLanguage } from '../../../src/protocol/pageLanguage';
import { createFormat } from '../../../webview/format';
import { paragraph, sentence, useLanguage } from '../../../webview/text';

describe('a paragraph', () => {
  it('parts its sentences as the language does', () => {
    const joined = (language: string) =>
      paragraph(['Least: 1.', null, '', 'Most: 2.'], createFormat(language));
    expect(joined('en')).toBe('Least: 1. Most: 2.');
    expect(joined('ja')).toBe('Least: 1.Most: 2.');
  });
});

describe('createFormat', () => {
  const format = createFormat('en');

  it('writes numbers as people read them', () => {
    expect(format.count(1437)).toBe('1,437');
    expect(format.bytes(81_788_928)).toBe('81.8 MB');
    expect(format.bytes(999_600)).toBe('1 MB');
    expect(format.milliseconds(3.1)).toBe('3.1 ms');
    expect(format.milliseconds(0.0432)).toBe('0.0432 ms');
    expect(format.perSecond(10_300)).toBe('10.3k/s');
    expect(format.seconds(1.94)).toBe('1.9 s');
    expect(format.seconds(0.0823)).toBe('82.3 ms');
    expect(format.seconds(0.219)).toBe('219 ms');
    expect(format.seconds(0)).toBe('0.0 s');
    expect(format.roughSeconds(0.3)).toBe('300 ms');
    expect(format.roughSeconds(10)).toBe('10 s');
    expect(format.seconds(130)).toBe('2 min 10 s');
    expect(format.seconds(120)).toBe('2 min');
    expect(format.number(0.0028284)).toBe('0.00283');
    expect(format.loss(0.32)).toBe('0.320');
    expect(format.percent(0.124)).toBe('12%');
  });

  it('uses the language of the editor, and English where it is unknown', () => {
    expect(createFormat('de').count(1437)).toBe('1.437');
    expect(createFormat('de').number(0.0028)).toBe('0,0028');
    expect(createFormat('nonsense language').count(1437)).toBe('1,437');
  });

  it('steps to the next unit without ever showing four digits before it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), (bytes) => {
        expect(format.bytes(bytes)).toMatch(
          /^(\d{1,3}|\d{1,3}\.\d+|0\.\d+|\d*(\.\d+)?) (B|kB|MB|GB|TB)$/,
        );
      }),
    );
  });
});

describe('sentence', () => {
  const format = useLanguage({ lang: '' }, pageLanguage('de', null));

  it('renders a known id with formatted numbers', () => {
    expect(
      sentence(
        {
          id: 'firstToTarget',
          values: { batchSize: 1024, metric: 'loss', target: 0.3, seconds: 1.5 },
          text: 'x',
        },
        format,
      ),
    ).toContain('1.024');
  });

  it('keeps the text of an id it does not know', () => {
    expect(sentence({ id: 'fromTheFuture', values: {}, text: 'As written.' }, format)).toBe(
      'As written.',
    );
    expect(sentence({ id: 'toString', values: {}, text: 'As written.' }, format)).toBe(
      'As written.',
    );
  });
});
