import { timeRatios } from '../../planner/race/timeRatios';
import { makeRun } from '../trial/makeRun';
import { raceSideTrial } from './race';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';

const checks = [
  { purpose: 'twice-rate', factor: 2 },
  { purpose: 'half-rate', factor: 0.5 },
] as const;

/**
 * The winner at twice and, where that is no faster, at half its learning rate; then the configured
 * size, where it was near enough that a rate could turn the order. A check that falls clearly behind
 * the winner stops, so that all of them together cost about one more training.
 */
export async function checkLearningRates(
  context: SweepContext,
  winner: TrialRun,
  configured: TrialRun | null,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const runs: TrialRun[] = [];
  const seconds = winner.record.timeToTarget;
  if (seconds === null) return runs;
  const theirs = configured?.record.timeToTarget ?? Infinity;
  const isNear = configured && configured !== winner && theirs < timeRatios.mostFromRate * seconds;
  for (const { record } of isNear ? [winner, configured] : [winner]) {
    const { batchSize, learningRate } = record;
    const mostTimeRatio =
      batchSize === winner.record.batchSize ? timeRatios.fasterRate : timeRatios.turnedOrder;
    for (const { purpose, factor } of checks) {
      if (context.clock.left < 3 * seconds) return runs;
      const rate = Number((learningRate * factor).toPrecision(4));
      const run = makeRun(context, purpose, { batchSize, learningRate: rate });
      runs.push(run);
      const capSeconds = mostTimeRatio * seconds;
      await raceSideTrial(context, run, {
        purpose,
        capSeconds,
        rival: winner,
        mostTimeRatio,
        progress,
      });
      // Time over rate has one valley: where twice is faster, half is slower.
      if (run.record.timeToTarget !== null) break;
    }
  }
  return runs;
}
