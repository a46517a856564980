import type { Trial } from '../core/result';
import type { StepTime } from '../core/stepTimeFit';

/** What of a trial's document follows from its step time and its updates to the target. */
export function timesOf(
  batchSize: number,
  step: StepTime | null,
  timeToTarget: number | null,
): Pick<
  Trial,
  'stepMs' | 'stepMsInterval' | 'samplesPerSecond' | 'timeToTargetSeconds' | 'timeToTargetInterval'
> {
  return {
    stepMs: step?.ms ?? null,
    stepMsInterval: step?.interval ? [...step.interval] : null,
    samplesPerSecond: step ? (1000 * batchSize) / step.ms : null,
    timeToTargetSeconds: timeToTarget,
    timeToTargetInterval:
      timeToTarget !== null && step?.interval
        ? [(timeToTarget * step.interval[0]) / step.ms, (timeToTarget * step.interval[1]) / step.ms]
        : null,
  };
}
