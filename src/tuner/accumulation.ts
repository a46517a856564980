import type { Probe } from './steps/probe';
import type { SweepContext } from './context/sweepContext';

/**
 * In how many parts a batch size that does not fit is computed: the fewest whose parts are a size
 * that ran. Null where it fits, where another reason than memory ended the climb, or where the data
 * set cannot fill it.
 */
export function partsOf(
  { prepared }: SweepContext,
  { runs, memoryModel, stopReason }: Probe,
  batchSize: number,
): number | null {
  const largest = memoryModel?.largestBatchSize ?? null;
  if (stopReason !== 'memory' || largest === null || largest >= batchSize) return null;
  if (batchSize > prepared.dataset.samples) return null;
  // A diverged size fits, too.
  const sizes = runs
    .filter(({ peakBytes, status }) => peakBytes !== null && status !== 'failed')
    .map((run) => run.batchSize);
  const part = Math.max(0, ...sizes.filter((size) => size <= largest));
  return part === 0 ? null : Math.ceil(batchSize / part);
}
