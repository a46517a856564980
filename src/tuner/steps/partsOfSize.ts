import { partsOf, type ClimbEnd } from '../../planner/race/parts';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { Probe } from './probe';

/**
 * In how many microbatches a size that does not fit is computed; null where it is not. The configured
 * size keeps the microbatches of the config where those fit.
 */
export function partsOfSize(
  context: SweepContext,
  probed: Probe,
  batchSize: number,
): number | null {
  const fewest = partsOf(batchSize, climbEndOf(context, probed));
  if (fewest === null || batchSize !== context.configuredBatchSize) return fewest;
  return Math.max(fewest, Math.min(batchSize, context.configuredAccumulation));
}

/** How the climb ended, as gradient accumulation is planned by. */
function climbEndOf(
  { prepared }: SweepContext,
  { runs, memoryModel, stopReason }: Probe,
): ClimbEnd {
  return {
    isMemoryBound: stopReason === 'memory' && capabilitiesOf(prepared).accumulates,
    largest: memoryModel?.largestBatchSize ?? null,
    measured: runs
      .map(({ record }) => record)
      .filter(({ peakBytes, status }) => peakBytes !== null && status !== 'failed')
      .map(({ batchSize }) => batchSize),
    samples: prepared.dataset.samples,
  };
}
