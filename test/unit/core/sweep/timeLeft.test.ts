import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeLeftText } from '../../../../src/core/sweep/timeLeft';
import { render } from '../../../../src/core/text/problem';

const told = (secondsLeft: number | null, mostSecondsLeft: number | null) => {
  const text = timeLeftText({ secondsLeft, mostSecondsLeft }, 'en');
  return text && render(text);
};

describe('timeLeftText', () => {
  it('tells an estimate, else the limit as a limit, else nothing', () => {
    expect(told(17.2, 80)).toBe('about 20 s left');
    expect(told(null, 113)).toBe('at most 2 min left');
    expect(told(null, null)).toBeNull();
  });

  it('never tells less than there is, nor much more', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 59, noNaN: true }), (seconds) => {
        const [, shown] = /^about ([\d.]+) s left$/.exec(told(seconds, null) ?? '') ?? [];
        expect(Number(shown)).toBeGreaterThanOrEqual(seconds);
        expect(Number(shown)).toBeLessThanOrEqual(Math.max(1, seconds + 5));
      }),
    );
  });
});
