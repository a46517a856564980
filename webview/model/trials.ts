import type { SweepState } from '../../src/core/sweepState';
import type { Trial } from '../../src/core/result';

/** What became of a trial, as the person reads it. */
export type Outcome =
  | 'running'
  | 'reached'
  | 'measured'
  | 'stoppedEarly'
  | 'out-of-memory'
  | 'diverged'
  | 'failed'
  | 'skipped';

export function outcomeOf(trial: Trial, sweep: SweepState): Outcome {
  if (sweep.running.includes(trial.id)) return 'running';
  if (trial.status !== 'ok') return trial.status;
  if (trial.timeToTargetSeconds !== null) return 'reached';
  // A probe only measures speed and memory; a race that ends without the target was cut short.
  return trial.phase === 'probe' ? 'measured' : 'stoppedEarly';
}

/** All that is known of one batch size: the best of its trials for each purpose. */
export interface SizeSummary {
  readonly batchSize: number;
  /** The trial whose outcome counts. */
  readonly trial: Trial;
  /** The trial with the longest loss curve. */
  readonly curve: Trial | null;
  readonly stepMs: number | null;
  readonly samplesPerSecond: number | null;
  readonly stepMsInterval: readonly [number, number] | null;
  readonly peakBytes: number | null;
  readonly memory: Trial['memory'];
  readonly outcome: Outcome;
}

/** One summary a batch size, smallest first. Trials with accumulation or a schedule stand alone. */
export function summarize(sweep: SweepState): readonly SizeSummary[] {
  const plain = sweep.trials.filter(
    ({ gradientAccumulation, schedule }) => gradientAccumulation === 1 && schedule === null,
  );
  const sizes = [...new Set(plain.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  return sizes.flatMap((batchSize) => {
    const trials = plain.filter((trial) => trial.batchSize === batchSize);
    const trial = trials.toSorted((a, b) => weight(b, sweep) - weight(a, sweep))[0];
    return trial ? [summary(batchSize, trial, trials, sweep)] : [];
  });
}

function summary(
  batchSize: number,
  trial: Trial,
  trials: readonly Trial[],
  sweep: SweepState,
): SizeSummary {
  const timed = trial.stepMs === null ? trials.findLast(({ stepMs }) => stepMs !== null) : trial;
  const metered =
    trial.peakBytes === null ? trials.findLast(({ peakBytes }) => peakBytes !== null) : trial;
  const curve = [trial, ...trials].reduce((a, b) => (b.loss.length > a.loss.length ? b : a));
  return {
    batchSize,
    trial,
    curve: curve.loss.length ? curve : null,
    stepMs: timed?.stepMs ?? null,
    stepMsInterval: timed?.stepMsInterval ?? null,
    samplesPerSecond: timed?.samplesPerSecond ?? null,
    peakBytes: metered?.peakBytes ?? null,
    memory: metered?.memory ?? null,
    outcome: outcomeOf(trial, sweep),
  };
}

/** A trial that says more outweighs one that says less: its time to target, then its curve. */
function weight(trial: Trial, sweep: SweepState): number {
  const ranks: Record<Outcome, number> = {
    reached: 5,
    'out-of-memory': 4,
    diverged: 4,
    stoppedEarly: 3,
    running: 2,
    measured: 2,
    failed: 1,
    skipped: 0,
  };
  const learningRate = sweep.recommendation?.learningRate;
  const bonus = learningRate !== undefined && trial.learningRate === learningRate ? 0.5 : 0;
  return ranks[outcomeOf(trial, sweep)] + bonus + Math.min(trial.loss.length, 999) / 2000;
}

/**
 * The sizes on the axes of all charts: the planned ladder while a sweep runs, so that nothing jumps
 * as trials arrive, and what was really tried afterwards.
 */
export function axisSizes(sweep: SweepState, live: boolean): readonly number[] {
  const planned = live ? (sweep.started?.batchSizes ?? []) : [];
  const tried = sweep.trials.map(({ batchSize }) => batchSize);
  return [...new Set([...planned, ...tried])].sort((a, b) => a - b);
}

/** The batch size that marker and table point at. */
export function chosenSize(sweep: SweepState, selected: number | null): number | null {
  if (selected !== null && sweep.trials.some(({ batchSize }) => batchSize === selected)) {
    return selected;
  }
  return sweep.recommendation?.batchSize ?? null;
}
