import { firstOfEachSize, fitSizes } from '../../planner/measure/climbPlan';
import { fitMemory } from '../../planner/measure/memoryModel';
import type { MemoryModel, StepFit } from '../../core/sweep/result';
import type { TrialFacts } from '../trial/trialRecord';
import type { TrialRun } from '../trial/trialRun';

/** Fits over what ran; sizes that were stopped for a fault count where they measured anything. */
export function memoryModelOf(
  runs: readonly TrialRun[],
  limitBytes: number | null,
): MemoryModel | null {
  const lines = memoryOf(runs);
  const largestBatchSize = largestOf(runs)?.batchSize ?? null;
  return lines && { ...lines, limitBytes, largestBatchSize };
}

export function stepFitOf(runs: readonly TrialRun[]): StepFit | null {
  return fitSizes(firstOfEachSize(recordsOf(runs)));
}

export function recordsOf(runs: readonly TrialRun[]): readonly TrialFacts[] {
  return runs.map(({ record }) => record);
}

export function largestOf(runs: readonly TrialRun[]): TrialFacts | null {
  return recordsOf(runs)
    .filter(fits)
    .reduce<TrialFacts | null>((a, b) => (a && a.batchSize > b.batchSize ? a : b), null);
}

/** Measured and not out of memory: a diverged trial fits, too. */
export function fits({ status, peakBytes }: TrialFacts): boolean {
  return peakBytes !== null && status !== 'out-of-memory' && status !== 'failed';
}

export function memoryOf(runs: readonly TrialRun[]) {
  return fitMemory(
    firstOfEachSize(recordsOf(runs)).flatMap((record) =>
      fits(record) && record.peakBytes !== null
        ? [{ batchSize: record.batchSize, peakBytes: record.peakBytes }]
        : [],
    ),
  );
}
