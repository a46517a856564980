import { describe, expect, it } from 'vitest';
import { causeOfDeath, looksLikeOutOfMemory } from '../../../../src/tuner/process/workerDeath';

const death = (exitCode: number | null, signal: NodeJS.Signals | null, stderrTail = '') => ({
  exitCode,
  signal,
  stderrTail,
});

describe('the death of a training process', () => {
  it.each([
    [death(null, 'SIGKILL')],
    [death(null, 'SIGABRT')],
    [death(134, null)],
    [death(137, null)],
    [death(1, null, 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory')],
    [death(1, null, 'RuntimeError: memory access out of bounds')],
    [death(1, null, 'RangeError: Array buffer allocation failed')],
  ])('looks like out of memory: %j', (each) => {
    expect(looksLikeOutOfMemory(each)).toBe(true);
  });

  it.each([
    [death(0, null)],
    [death(0, null, 'out of memory')],
    [death(1, null, 'TypeError: x is not a function')],
    [death(null, 'SIGTERM')],
    [death(null, 'SIGSEGV')],
  ])('does not look like it: %j', (each) => {
    expect(looksLikeOutOfMemory(each)).toBe(false);
  });

  it('is told by signal or code and the most telling last line', () => {
    const stderr = 'Warning: old\nTypeError: x is not a function\n    at file.js:1:2\n';
    expect(causeOfDeath(death(1, null, stderr))).toBe(
      'exit code 1: TypeError: x is not a function',
    );
    expect(causeOfDeath(death(null, 'SIGKILL'))).toBe('SIGKILL');
  });
});
