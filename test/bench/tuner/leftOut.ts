import { predictedBytes } from '../../../src/core/sweep/readings';
import { fitMemory } from '../../../src/planner/measure/memoryModel';

/** Leaves out each size in turn and foretells it from the others. */
export function leftOutErrors(
  sizes: readonly { readonly batchSize: number; readonly peakBytes: number }[],
): {
  betweenError: number;
  beyondError: number;
} {
  const errors = sizes.map((size) => {
    const model = fitMemory(sizes.filter((other) => other !== size));
    if (!model) return Infinity;
    return Math.abs(predictedBytes(model, size.batchSize) / size.peakBytes - 1);
  });
  return {
    betweenError: Math.max(0, ...errors.slice(0, -1)),
    beyondError: errors.at(-1) ?? Infinity,
  };
}
