import { iterationsPerEpoch } from '../core/arithmetic';
import type { SweepResult, Trial } from '../core/result';

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

/** How a recommended size compares with another one that was measured too. */
export interface Comparison {
  /** Seconds to target (or per sample, for throughput) of the other over the recommended. */
  readonly timesFaster: number | null;
  readonly measuredIn: 'timeToTarget' | 'throughput';
}

/** Compares two measured sizes by what the sweep was asked for. */
export function compare(result: SweepResult, from: number, to: number): Comparison {
  const before = trialAt(result, from);
  const after = trialAt(result, to);
  const byThroughput = result.objective === 'throughput' || result.target === null;
  if (byThroughput) {
    const a = before?.samplesPerSecond ?? null;
    const b = after?.samplesPerSecond ?? null;
    return { timesFaster: a && b ? b / a : null, measuredIn: 'throughput' };
  }
  const a = before?.timeToTargetSeconds ?? null;
  const b = after?.timeToTargetSeconds ?? null;
  return { timesFaster: a && b ? a / b : null, measuredIn: 'timeToTarget' };
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
