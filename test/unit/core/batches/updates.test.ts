import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochOfUpdates,
  possibleUpdate,
  samplesPerUpdate,
} from '../../../../src/core/batches/updates';

describe('possibleUpdate', () => {
  const unsaid = { accumulation: null, devices: null };

  it('is the size that is written where its parts can make it', () => {
    expect(possibleUpdate({ global: 96, microbatch: 4, accumulation: 3, devices: null })).toBe(96);
    expect(possibleUpdate({ global: 96, microbatch: 4, accumulation: 3, devices: 8 })).toBe(96);
    expect(possibleUpdate({ global: 96, microbatch: 4, ...unsaid })).toBe(96);
  });

  it('is the nearest that they can make where it contradicts them', () => {
    expect(possibleUpdate({ global: 100, microbatch: 8, accumulation: 4, devices: null })).toBe(96);
    expect(possibleUpdate({ global: 5, microbatch: 8, ...unsaid })).toBe(8);
    expect(possibleUpdate({ global: 100, microbatch: 8, accumulation: null, devices: 2 })).toBe(96);
  });

  it('is what they make where all are said', () => {
    expect(possibleUpdate({ global: 64, microbatch: 4, accumulation: 2, devices: 2 })).toBe(16);
  });

  it('is a multiple of all parts that are said, and one of its own', () => {
    const part = fc.integer({ min: 1, max: 64 });
    const maybe = fc.option(part);
    fc.assert(
      fc.property(
        fc.record({ global: part, microbatch: part, accumulation: maybe, devices: maybe }),
        (sizes) => {
          const global = possibleUpdate(sizes);
          expect(global).toBeGreaterThan(0);
          const { microbatch, accumulation, devices } = sizes;
          expect(global % (microbatch * (accumulation ?? 1) * (devices ?? 1))).toBe(0);
          expect(possibleUpdate({ ...sizes, global })).toBe(global);
        },
      ),
    );
  });
});

it('an update that is written as one number is not multiplied again', () => {
  const microbatch = {
    batchSize: 4,
    counts: 'microbatch',
    global: 96,
    accumulation: 3,
    devices: 2,
  } as const;
  expect(samplesPerUpdate(microbatch)).toBe(96);
  expect(epochOfUpdates(1000, microbatch)?.updates).toBe(11);
  expect(samplesPerUpdate({ ...microbatch, global: null })).toBe(24);
});
