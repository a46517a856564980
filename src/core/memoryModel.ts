import type { MemoryModel } from './result';
import { fitTwoBranches } from './twoBranchFit';

/** What `m(B) = max(u0 + u1·B, a0 + a1·B)` needs of a memory model. */
export type MemoryLines = Pick<MemoryModel, 'updateBytes' | 'activationBytes'>;

/**
 * Fits peak device bytes per batch size. A step peaks either in its update (weights, gradients,
 * optimizer) or in its activations, which grow with the batch; each line is fitted from the sizes
 * that lie on it. Where only one of the two was met, both are that one. Null without sizes.
 */
export function fitMemory(
  sizes: readonly { readonly batchSize: number; readonly peakBytes: number }[],
): MemoryLines | null {
  const fit = fitTwoBranches(
    sizes.map(({ batchSize, peakBytes }) => ({ x: batchSize, y: peakBytes })),
    { flatFirst: false },
  );
  if (!fit) return null;
  return {
    updateBytes: [fit.first.atZero, fit.first.slope],
    activationBytes: [fit.second.atZero, fit.second.slope],
  };
}

/** Peak device bytes a model predicts for a batch size. */
export function predictedBytes(model: MemoryLines, batchSize: number): number {
  const [u0, u1] = model.updateBytes;
  const [a0, a1] = model.activationBytes;
  return Math.max(u0 + u1 * batchSize, a0 + a1 * batchSize);
}

/**
 * The largest batch size whose predicted peak stays within the limit: `⌊(limit − m0)/m1⌋` of the
 * line that reaches it first. 0 when not even one sample fits; Infinity when memory does not grow.
 */
export function largestThatFits(model: MemoryLines, limitBytes: number): number {
  const most = ([atZero, perSample]: readonly [number, number]) => {
    if (atZero > limitBytes) return 0;
    return perSample > 0 ? Math.floor((limitBytes - atZero) / perSample) : Infinity;
  };
  return Math.min(most(model.updateBytes), most(model.activationBytes));
}
