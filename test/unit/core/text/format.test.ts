import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatLoss,
  formatNumberShort,
  formatSeconds,
} from '../../../../src/core/text/format';

describe('numbers as people read them', () => {
  it('groups counts by language', () => {
    expect(formatCount(60_000)).toBe('60,000');
    expect(formatCount(60_000, 'de')).toBe('60.000');
  });
  it('keeps the digits that tell', () => {
    expect(formatNumberShort(2.4123)).toBe('2.4');
    expect(formatNumberShort(0.00283)).toBe('0.0028');
    expect(formatLoss(0.3)).toBe('0.30');
    expect(formatLoss(0.00421)).toBe('0.0042');
    expect(formatLoss(12.345)).toMatch(/^12\.3[45]$/);
    expect(formatLoss(0)).toBe('0.00');
  });
  it('chooses the unit of bytes', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(310_000_000)).toBe('310 MB');
    expect(formatBytes(999_900_000)).toBe('1 GB');
    expect(formatBytes(4e9)).toBe('4 GB');
    expect(formatBytes(1_250_000_000)).toBe('1.25 GB');
    expect(formatBytes(81_788_928)).toBe('81.8 MB');
  });
  it('chooses the unit of time', () => {
    expect(formatSeconds(0.0031)).toBe('3.1 ms');
    expect(formatSeconds(1.94)).toBe('1.9 s');
    expect(formatSeconds(12)).toBe('12 s');
    expect(formatSeconds(99.7)).toBe('1 min 40 s');
    expect(formatSeconds(245)).toBe('4 min 5 s');
    expect(formatSeconds(120)).toBe('2 min');
    expect(formatSeconds(7_800)).toBe('2 h 10 min');
  });
});
