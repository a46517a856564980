import { describe, expect, it } from 'vitest';
import { epochOfUpdates } from '../../../src/core/batches/updates';
import type { Subject } from '../../../src/protocol/side';
import { arithmeticOf } from '../../../webview/model/sideModels';

const subject: Pick<Subject, 'batchSize' | 'accumulation' | 'samples' | 'epochs' | 'dropsLast'> = {
  batchSize: 32,
  accumulation: 4,
  samples: 1_000,
  epochs: 3,
  dropsLast: true,
};

describe('the arithmetic of the side view', () => {
  it('counts updates as hovers do where batches are accumulated and the last is dropped', () => {
    // 31 whole batches; the last update has three of them.
    expect(epochOfUpdates(1_000, { batchSize: 32, accumulation: 4, dropsLast: true })).toEqual({
      updates: 8,
      lastBatch: 8,
      lastUpdate: 3,
    });
    expect(arithmeticOf(subject)).toEqual({
      effective: 128,
      iterations: 8,
      last: null,
      updates: 24,
    });
  });

  it('names the samples of a partial last update where nothing is dropped', () => {
    expect(arithmeticOf({ ...subject, dropsLast: false })).toEqual({
      effective: 128,
      iterations: 8,
      last: 104,
      updates: 24,
    });
  });

  it('knows no iterations without samples', () => {
    expect(arithmeticOf({ ...subject, samples: null })).toEqual({
      effective: 128,
      iterations: null,
      last: null,
      updates: null,
    });
  });
});
