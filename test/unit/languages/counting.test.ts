import { describe, expect, it } from 'vitest';
import { epochOfUpdates, samplesPerUpdate, type Batching } from '../../../src/core/batches/updates';

const batch = (more: Partial<Batching>): Batching => ({ batchSize: 8, accumulation: 1, ...more });

describe('updates of an epoch', () => {
  it('has the incomplete accumulation of a last update', () => {
    const batching = batch({ batchSize: 20, accumulation: 3, dropsLast: true });
    // 250 samples: 12 full batches of 20, four updates; 290: 14 batches, five updates.
    expect(epochOfUpdates(250, batching)).toEqual({ updates: 4, lastBatch: 10, lastUpdate: null });
    expect(epochOfUpdates(290, batching)).toEqual({ updates: 5, lastBatch: 10, lastUpdate: 2 });
  });

  it('names a last batch of one sample, accumulated or not', () => {
    expect(epochOfUpdates(161, batch({ accumulation: 4 }))?.lastBatch).toBe(1);
    expect(epochOfUpdates(161, batch({}))?.lastBatch).toBe(1);
  });

  it('does not multiply a global size by what is inside it', () => {
    const batching = batch({ batchSize: 96, counts: 'global', accumulation: 6, devices: 4 });
    expect(samplesPerUpdate(batching)).toBe(96);
    expect(epochOfUpdates(960, batching)?.updates).toBe(10);
  });

  it('multiplies a size per device by the devices that are known', () => {
    expect(samplesPerUpdate(batch({ counts: 'perDevice', accumulation: 2 }))).toBe(16);
    expect(samplesPerUpdate(batch({ counts: 'perDevice', accumulation: 2, devices: 4 }))).toBe(64);
  });

  it('counts the completions of every prompt', () => {
    const batching = batch({
      batchSize: 6,
      counts: 'completions',
      accumulation: 3,
      generations: 9,
    });
    // 100 prompts are 900 completions, in 150 batches.
    expect(epochOfUpdates(100, batching)?.updates).toBe(50);
  });

  it('knows nothing of tokens and packed samples', () => {
    expect(epochOfUpdates(100, batch({ counts: 'tokens' }))).toBeNull();
    expect(samplesPerUpdate(batch({ packs: true }))).toBeNull();
  });
});
