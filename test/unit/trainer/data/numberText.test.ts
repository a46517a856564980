import { describe, expect, it } from 'vitest';
import { parseNumber } from '../../../../src/trainer/data/table/numberText';

describe('a text read as a number', () => {
  it('is one with signs, currencies, groups and parentheses', () => {
    expect(parseNumber(' $1,200.50 ', 'point')).toBe(1200.5);
    expect(parseNumber('(1,200)', 'point')).toBe(-1200);
    expect(parseNumber('1.200,5 €', 'comma')).toBe(1200.5);
    expect(parseNumber('n/a', 'point')).toBeNaN();
  });

  it('is none at once where it is long, whatever it is made of', () => {
    for (const part of ['\n', ' ', '1', '.', '$ ', '( '])
      expect(parseNumber(`${part.repeat(5000)}q`, 'point')).toBeNaN();
  });
});
