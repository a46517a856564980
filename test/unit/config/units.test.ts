import { describe, expect, it } from 'vitest';
import { nearestDuration, parseBytes, parseDuration } from '../../../src/config/units';

describe('sizes', () => {
  it.each([
    ['2 GB', 2e9],
    ['512MiB', 512 * 2 ** 20],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['800 kb', 8e5],
    [' 64 M ', 64e6],
    ['1000', 1000],
    [4096, 4096],
    ['0 GB', null],
    [0, null],
    ['-2 GB', null],
    ['2 GBit', null],
    ['two', null],
    ['', null],
    [Infinity, null],
  ])('%j is %j bytes', (size, bytes) => {
    expect(parseBytes(size)).toBe(bytes);
  });
});

describe('durations', () => {
  it.each([
    ['2 min', 120],
    ['90s', 90],
    ['500 ms', 0.5],
    ['1.5 hours', 5400],
    ['1 m', 60],
    ['45 seconds', 45],
    ['30', 30],
    [2.5, 2.5],
    ['0 s', null],
    [-1, null],
    ['2 days', null],
    ['s', null],
  ])('%j is %j seconds', (duration, seconds) => {
    expect(parseDuration(duration)).toBe(seconds);
  });
});

describe('a misspelt duration', () => {
  it.each([
    ['2 minits', '2 min'],
    ['90 secs.', '90 s'],
    ['1,5 Hours', '1.5 h'],
    ['500 msec', '500 ms'],
    ['2 bananas', null],
    ['minutes', null],
    ['0 minits', null],
  ])('%j was probably meant as %j', (text, meant) => {
    expect(nearestDuration(text)).toBe(meant);
  });
});
