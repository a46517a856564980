import type { MemoryModel, StepFit } from './result';

/** What `m(B) = max(floor, u0 + u1·B, a0 + a1·B)` needs of a memory model. */
export type MemoryLines = Pick<MemoryModel, 'floorBytes' | 'updateBytes' | 'activationBytes'>;

/**
 * Where a repeat was stopped for another size was faster with its seed, it counts as this many times
 * the fastest: it trained for some seconds, and how many more it would need is not known.
 */
export const lostSeedRatio = 1.15;

/** Peak device bytes a model predicts for a batch size. */
export function predictedBytes(model: MemoryLines, batchSize: number): number {
  const [u0, u1] = model.updateBytes;
  const [a0, a1] = model.activationBytes;
  return Math.max(model.floorBytes ?? 0, u0 + u1 * batchSize, a0 + a1 * batchSize);
}

/** Milliseconds of one update at a size, as a fit has it. */
export function stepMsOf(fit: StepFit, batchSize: number): number {
  return Math.max(fit.floorMs, fit.aMs + fit.bMs * batchSize);
}
