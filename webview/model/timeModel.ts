import type { SweepState } from '../../src/core/sweep/sweepState';
import type { SizeSummary } from './trials';

interface ReachedTime {
  readonly batchSize: number;
  readonly seconds: number;
  /** 95%, in seconds. */
  readonly interval: readonly [number, number] | null;
}

/** A size whose training was stopped on its way: its time to the target is more than `seconds`. */
interface StoppedTime {
  readonly batchSize: number;
  readonly seconds: number;
  /** Seconds it was expected to need; null where nothing was, or where it has trained for longer. */
  readonly predicted: number | null;
  /** As the trial has it; null in a trial that says none. */
  readonly stopReason: string | null;
}

/** A size that never raced to the target. */
interface UnracedSize {
  readonly batchSize: number;
  readonly predicted: number | null;
}

/** A size that could not be trained, or not to the end. */
interface FailedSize {
  readonly batchSize: number;
  readonly outcome: 'diverged' | 'out-of-memory' | 'failed';
}

/** Seconds of training to the target by batch size: those that got there, and why others did not. */
export interface TimeModel {
  readonly axisSizes: readonly number[];
  readonly reached: readonly ReachedTime[];
  readonly stopped: readonly StoppedTime[];
  readonly unraced: readonly UnracedSize[];
  readonly failed: readonly FailedSize[];
  /** Sizes with a place in this chart, smallest first: what a marker can stand on. */
  readonly sizes: readonly number[];
  /** The least and the greatest second that is marked; null while there is none. */
  readonly range: readonly [number, number] | null;
  readonly recommended: number | null;
  /** The sweep has not ended with it: it was ahead. */
  readonly isProvisional?: boolean;
  /** Times of an earlier sweep, drawn dashed. */
  readonly compared?: readonly ReachedTime[];
  /** The chosen size is the one under the cursor, not one that was picked in the chart. */
  readonly followsCursor?: boolean;
}

export function timeModel(
  sweep: SweepState,
  summaries: readonly SizeSummary[],
  axisSizes: readonly number[],
): TimeModel {
  const reached: ReachedTime[] = [];
  const stopped: StoppedTime[] = [];
  const unraced: UnracedSize[] = [];
  const failed: FailedSize[] = [];
  for (const { batchSize, trial, outcome, seconds, interval } of summaries) {
    const expected = trial.predictedTimeToTargetSeconds;
    // Without a target at the end there is nothing that it predicts.
    const isOpen = sweep.target !== null || sweep.status === 'running';
    const predicted = isOpen && expected !== null && expected > 0 ? expected : null;
    const trained = trial.loss.at(-1)?.seconds ?? 0;
    if (seconds !== null) reached.push({ batchSize, seconds, interval });
    else if (outcome === 'stoppedEarly' && trained > 0)
      stopped.push({
        batchSize,
        seconds: trained,
        predicted: predicted !== null && predicted > trained ? predicted : null,
        stopReason: trial.stopReason,
      });
    else if (outcome === 'diverged' || outcome === 'out-of-memory' || outcome === 'failed')
      failed.push({ batchSize, outcome });
    else if (outcome === 'measured') unraced.push({ batchSize, predicted });
  }
  const times = [
    ...reached.flatMap(({ seconds, interval }) => [seconds, ...(interval ?? [])]),
    ...stopped.flatMap(({ seconds, predicted }) => [seconds, predicted ?? seconds]),
    ...unraced.flatMap(({ predicted }) => predicted ?? []),
  ].filter((seconds) => seconds > 0);
  return {
    axisSizes,
    reached,
    stopped,
    unraced,
    failed,
    sizes: [...reached, ...stopped, ...unraced.filter(({ predicted }) => predicted !== null)]
      .map(({ batchSize }) => batchSize)
      .sort((a, b) => a - b),
    range: times.length ? [Math.min(...times), Math.max(...times)] : null,
    recommended: sweep.recommendation?.batchSize ?? null,
    isProvisional: sweep.isProvisional,
  };
}

/** Whether any time in it was not measured. */
export function hasPredictions({ stopped, unraced }: TimeModel): boolean {
  return [...stopped, ...unraced].some(({ predicted }) => predicted !== null);
}

/** Seconds at which a size is marked: its time, what it was predicted, or where it was stopped. */
export function markedSeconds(model: TimeModel, batchSize: number): number | null {
  const of = <T extends { readonly batchSize: number }>(list: readonly T[]) =>
    list.find((each) => each.batchSize === batchSize);
  const stopped = of(model.stopped);
  return (
    of(model.reached)?.seconds ??
    stopped?.predicted ??
    stopped?.seconds ??
    of(model.unraced)?.predicted ??
    null
  );
}
