import { predictedBytes, type MemoryLines } from '../../core/sweep/readings';
import { fitTwoBranches, type Point } from './twoBranchFit';

/** Peaks that differ by no more than this share are level. */
const levelWithin = 1e-3;
/** Fewest sizes above a floor that are needed to fit two lines there. */
const fewestAboveFloor = 3;

/**
 * Fits peak device bytes per batch size. A step peaks either in its update (weights, gradients,
 * optimizer) or in its activations, which grow with the batch, at whichever layer holds most then;
 * each line is fitted from the sizes that lie on it. Where only one of the two was met, both are
 * that one. Small sizes may hold less than an evaluation does, whose batch size is its own: where
 * several have the same peak, that is a floor under two lines of the sizes above. Null without
 * sizes.
 */
export function fitMemory(
  sizes: readonly { readonly batchSize: number; readonly peakBytes: number }[],
): MemoryLines | null {
  const points = sizes
    .map(({ batchSize, peakBytes }) => ({ x: batchSize, y: peakBytes }))
    .sort((a, b) => a.x - b.x);
  const plain = linesOf(points);
  const level = levelOf(points);
  const above = points.slice(level);
  const [lowest] = points;
  if (!plain || !lowest || level < 2 || above.length < fewestAboveFloor) return plain;
  const lines = linesOf(above);
  const floored = lines && { floorBytes: lowest.y, ...lines };
  return floored && worstError(floored, points) < worstError(plain, points) ? floored : plain;
}

function linesOf(points: readonly Point[]): MemoryLines | null {
  const fit = fitTwoBranches(points, { flatFirst: false });
  if (!fit) return null;
  return {
    updateBytes: [fit.first.atZero, fit.first.slope],
    activationBytes: [fit.second.atZero, fit.second.slope],
  };
}

/** How many of the smallest sizes have the same peak. */
function levelOf(points: readonly Point[]): number {
  const lowest = points[0]?.y ?? 0;
  const rises = points.findIndex(({ y }) => y > lowest * (1 + levelWithin));
  return rises < 0 ? points.length : rises;
}

function worstError(model: MemoryLines, points: readonly Point[]): number {
  return Math.max(...points.map(({ x, y }) => Math.abs(predictedBytes(model, x) / y - 1)));
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
  if ((model.floorBytes ?? 0) > limitBytes) return 0;
  return Math.min(most(model.updateBytes), most(model.activationBytes));
}
