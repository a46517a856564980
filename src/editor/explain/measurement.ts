import { attemptsOf } from '../../core/sweep/attempts';
import { timeOfSize } from '../../core/sweep/readings';
import type { SweepResult, Trial } from '../../core/sweep/result';
import { escapeMarkdown } from '../language';

/** What a sweep measured at one batch size, and how it stands against others. */

/**
 * The trial that speaks for a batch size: the one that its time to the target is read from, else one
 * that trained well; a failed one when nothing else ran.
 */
export function trialAt(result: SweepResult, batchSize: number): Trial | null {
  const trials = result.trials.filter((trial) => trial.batchSize === batchSize);
  const good = trials.filter(({ status }) => status === 'ok');
  return (
    timeOfSize(result, batchSize)?.trial ??
    attemptsOf(good)[0]?.trial ??
    good[0] ??
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

/** A value of the metric that training reached. */
export type Reached = Pick<NonNullable<SweepResult['target']>, 'metric' | 'value'>;

/** How a recommended size compares with another one that was measured too. */
export interface Comparison {
  /** Seconds (per sample where `reached` is null) of the other over the recommended. */
  readonly timesFaster: number;
  /** What both reached: the target, or where the other was stopped; null: throughputs are compared. */
  readonly reached: Reached | null;
}

/** Compares two measured sizes by what the sweep was asked for; null where that is not known. */
export function compare(result: SweepResult, from: number, to: number): Comparison | null {
  if (result.objective === 'throughput' || result.target === null) {
    const before = trialAt(result, from)?.samplesPerSecond ?? null;
    const after = trialAt(result, to)?.samplesPerSecond ?? null;
    return before && after ? { timesFaster: after / before, reached: null } : null;
  }
  const before = timeOfSize(result, from)?.seconds;
  const after = timeOfSize(result, to)?.seconds;
  if (before && after) return { timesFaster: before / after, reached: result.target };
  // A size that was stopped early is compared at the value it had reached.
  const stopped = result.recommendation?.stoppedComparison;
  if (stopped?.comparedTo !== from || result.recommendation?.batchSize !== to) return null;
  const { metric, value } = stopped;
  return { timesFaster: stopped.times, reached: { metric, value } };
}

/** The name of what a result was measured with: `TensorFlow.js (WASM)`. */
export function engineName(result: SweepResult): string {
  const { name, framework = 'Python', device } = result.backend;
  if (name === 'python') return `${framework} (${device})`;
  const names = { webgpu: 'WebGPU', tensorflow: 'libtensorflow', wasm: 'WASM', cpu: 'CPU' };
  return `TensorFlow.js (${names[name]})`;
}
/** As engineName, for Markdown: a framework's name comes from a file. */
export function engineMarkdown(result: SweepResult): string {
  const name = engineName(result);
  return result.backend.name === 'python' ? escapeMarkdown(name) : name;
}
