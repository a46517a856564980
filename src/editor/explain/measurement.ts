import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import type { SweepResult, Trial } from '../../core/sweep/result';

/** What a sweep measured at one batch size, and how it stands against others. */

/**
 * The trial that speaks for a batch size: one that trained well, at the recommended learning rate
 * where there are several, else the fastest to the target; a failed one when nothing else ran.
 */
export function trialAt(result: SweepResult, batchSize: number): Trial | null {
  const trials = result.trials.filter((trial) => trial.batchSize === batchSize);
  const good = trials.filter(({ status }) => status === 'ok');
  const { recommendation } = result;
  const recommended =
    recommendation?.batchSize === batchSize
      ? good.filter(({ learningRate }) => learningRate === recommendation.learningRate)
      : [];
  const candidates = recommended.length > 0 ? recommended : good;
  const time = (trial: Trial) => trial.timeToTargetSeconds ?? Infinity;
  return (
    candidates.toSorted((a, b) => time(a) - time(b))[0] ??
    trials.find(({ status }) => status === 'out-of-memory') ??
    trials[0] ??
    null
  );
}

/** Highest peak of device bytes seen at a batch size; null when it was not measured. */
export function peakBytesAt(result: SweepResult, batchSize: number): number | null {
  const peaks = result.trials.flatMap((trial) =>
    trial.batchSize === batchSize && trial.status === 'ok' && trial.peakBytes !== null
      ? [trial.peakBytes]
      : [],
  );
  return peaks.length === 0 ? null : Math.max(...peaks);
}

/** Seconds of device work for one epoch at a trial's batch size; null when it was not timed. */
export function secondsPerEpoch(trial: Trial, samples: number): number | null {
  if (trial.stepMs === null) return null;
  // A partial last batch is trained but not timed: it counts as its share of a full one.
  return (samples / trial.batchSize) * (trial.stepMs / 1000);
}

/** A value of the metric that training came to. */
export type Reached = Pick<NonNullable<SweepResult['target']>, 'metric' | 'value'>;

/** How a recommended size compares with another one that was measured too. */
export interface Comparison {
  /** Seconds (per sample where `reached` is null) of the other over the recommended. */
  readonly timesFaster: number;
  /** What both came to: the target, or where the other was stopped; null: throughputs compare. */
  readonly reached: Reached | null;
}

/** Compares two measured sizes by what the sweep was asked for; null where that is not known. */
export function compare(result: SweepResult, from: number, to: number): Comparison | null {
  const before = trialAt(result, from);
  const after = trialAt(result, to);
  if (result.objective === 'throughput' || result.target === null) {
    const a = before?.samplesPerSecond ?? null;
    const b = after?.samplesPerSecond ?? null;
    return a && b ? { timesFaster: b / a, reached: null } : null;
  }
  const a = before?.timeToTargetSeconds ?? null;
  const b = after?.timeToTargetSeconds ?? null;
  return a && b
    ? { timesFaster: a / b, reached: result.target }
    : soonerThanStopped(result, from, to);
}

/** A size that was stopped on the way: the sweep's own reason tells how far it had come. */
function soonerThanStopped(result: SweepResult, from: number, to: number): Comparison | null {
  const reason = result.recommendation?.reasons.find(
    ({ id, values }) =>
      id === 'configuredSlower' && values['batchSize'] === to && values['comparedTo'] === from,
  );
  const timesFaster = Number(reason?.values['times']);
  const value = Number(reason?.values['value']);
  if (!(timesFaster > 0) || Number.isNaN(value)) return null;
  const metric = reason?.values['metric'] === 'accuracy' ? 'accuracy' : 'loss';
  return { timesFaster, reached: { metric, value } };
}

/** The name of what a result was measured with: `TensorFlow.js (WASM)`. */
export function engineName(result: SweepResult): string {
  const names = { webgpu: 'WebGPU', tensorflow: 'libtensorflow', wasm: 'WASM', cpu: 'CPU' };
  return `TensorFlow.js (${names[result.backend.name]})`;
}

/** Updates of an epoch at a size on the result's own data set. */
export function measuredIterations(result: SweepResult, batchSize: number): number {
  return iterationsPerEpoch(result.dataset.samples, batchSize);
}
