import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startingPoint } from '../../../../src/planner/advice/slowModel';
import { madeTrial } from './madeTrial';

const samples = 10_000;
const outOfMemory = (batchSize: number) => madeTrial(batchSize, { status: 'out-of-memory' });

describe('a size to start from', () => {
  it('is that of the rule of thumb, with the range that is common', () => {
    expect(startingPoint('cnn', samples, [])).toMatchObject({
      id: 'startByRule',
      values: { batchSize: 64, low: 32, high: 512 },
    });
    expect(startingPoint('cnn', samples, [outOfMemory(128)])?.id).toBe('startByRule');
  });

  it('says that memory limits it where a size of the rule or below ran out of it', () => {
    expect(startingPoint('cnn', samples, [outOfMemory(64), outOfMemory(16)])).toMatchObject({
      id: 'startBelowMemory',
      values: { batchSize: 8, tooLarge: 16, usual: 64 },
    });
    expect(startingPoint('cnn', samples, [outOfMemory(1)])).toBeNull();
  });

  it('is below every size that ran out of memory, and names no range that it contradicts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4096 }), (tooLarge) => {
        const start = startingPoint('cnn', samples, [outOfMemory(tooLarge)]);
        const { batchSize, low } = start?.values ?? {};
        expect(batchSize).toBeLessThan(tooLarge);
        if (low !== undefined) expect(batchSize).toBeGreaterThanOrEqual(Number(low));
      }),
    );
  });
});
