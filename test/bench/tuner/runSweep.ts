import type { Config } from '../../../src/config/schema';
import type { Trial } from '../../../src/core/sweep/result';
import { tune } from '../../../src/tuner/sweep';
import type { SweepOptions } from '../../../src/tuner/sweepOptions';
import type { TrainerOptions } from '../../../src/tuner/process/trainerProcess';
import type { Workspace } from './workspace';

/** What a real sweep recommends and took. */
export interface Swept {
  readonly seed: number;
  readonly batchSize: number;
  readonly target: number | null;
  /** All of it: the result's `cost.seconds`. */
  readonly seconds: number;
  /** Of these, until the training process had loaded the data. */
  readonly loadSeconds: number;
  /** From there to the end of the probe. */
  readonly probeSeconds: number;
  /** Of the rest: all trials' updates at their step times, and their evaluations. */
  readonly trainedSeconds: number;
  /** The pick's own estimate. */
  readonly timeToTargetSeconds: number | null;
  readonly trials: readonly string[];
  readonly largestBatchSize: number | null;
}

/**
 * Tunes a task as a person would, with a seed that the truth does not know. Null where the sweep
 * recommends nothing, such as where nothing was learned in its budget.
 */
export async function runSweep(
  workspace: Workspace,
  seed: number,
  options: Pick<SweepOptions, 'budgetSeconds' | 'exhaustive'> & { targetLoss?: number } = {},
): Promise<Swept | null> {
  const { targetLoss, ...others } = options;
  const { config } = workspace;
  const seeded: Config = {
    ...config,
    training: { ...config.training, seed },
    tuning: { ...config.tuning, ...(targetLoss !== undefined && { targetLoss }) },
  };
  const at = { started: 0, probed: 0, finished: 0 };
  const outcome = await tune({
    ...placeOf({ ...workspace, config: seeded }),
    ...others,
    onEvent: ({ type }) => {
      if (type === 'started') at.started = performance.now();
      if (type === 'probeFinished') at.probed = performance.now();
      if (type === 'finished') at.finished = performance.now();
    },
  });
  if (outcome.status !== 'done') {
    const why = outcome.status === 'failed' ? JSON.stringify(outcome.problem) : outcome.status;
    throw new Error(`The sweep of ${workspace.configFile} did not end well: ${why}`);
  }
  const { recommendation, target, cost, trials, memoryModel } = outcome.result;
  if (!recommendation) return null;
  const { batchSize } = recommendation;
  const picked = trials.find(
    (trial) => trial.batchSize === batchSize && trial.timeToTargetSeconds !== null,
  );
  return {
    seed,
    batchSize,
    target: target?.value ?? null,
    seconds: cost.seconds,
    // The sweep's clock does not run while it waits for another sweep on this machine.
    loadSeconds: Math.max(0, cost.seconds - (at.finished - at.started) / 1000),
    probeSeconds: (at.probed - at.started) / 1000,
    trainedSeconds: trials.reduce(
      (total, { iterations, stepMs, evaluationSeconds }) =>
        total + (iterations * (stepMs ?? 0)) / 1000 + evaluationSeconds,
      0,
    ),
    timeToTargetSeconds: picked?.timeToTargetSeconds ?? null,
    trials: trials.map(trialLine),
    largestBatchSize: memoryModel?.largestBatchSize ?? null,
  };
}

/** What became of a trial, in a line. */
export function trialLine(trial: Trial): string {
  const { id, stopReason, stepMs, timeToTargetSeconds: seconds, iterations } = trial;
  return (
    `${id}: ${stopReason ?? '-'}, ${stepMs?.toFixed(2) ?? '-'} ms × ${iterations}` +
    (seconds === null ? '' : `, target after ${seconds.toFixed(seconds < 1 ? 3 : 2)} s`)
  );
}

/** Seconds that an exhaustive sweep takes before it trains: loading, and probing the whole ladder. */
export interface ExhaustiveStart {
  readonly loadSeconds: number;
  readonly probeSeconds: number;
}

/** Begins an exhaustive sweep and ends it after its probe. */
export async function startExhaustive(workspace: Workspace): Promise<ExhaustiveStart> {
  const abort = new AbortController();
  let [begun, started, probed] = [performance.now(), 0, 0];
  await tune({
    ...placeOf(workspace),
    exhaustive: true,
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type === 'started') started = performance.now();
      if (type !== 'probeFinished') return;
      probed = performance.now();
      abort.abort();
    },
    onBusy: (owner) => {
      console.error(`Waiting for another sweep on this machine: ${owner}`);
      begun = NaN;
      return true;
    },
  });
  if (probed === 0) throw new Error(`The probe of ${workspace.configFile} did not end.`);
  if (Number.isNaN(begun)) return startExhaustive(workspace);
  return { loadSeconds: (started - begun) / 1000, probeSeconds: (probed - started) / 1000 };
}

/**
 * The largest size that fits, as a sweep's probe finds it; the sweep is ended there. An exhaustive
 * one, for others climb no further than throughput rises.
 */
export async function probeLargest(
  workspace: Workspace,
  trainer: TrainerOptions = {},
): Promise<number | null> {
  const abort = new AbortController();
  let largest: number | null = null;
  const outcome = await tune({
    ...placeOf(workspace),
    exhaustive: true,
    trainer,
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type !== 'memoryModel') return;
      largest = event.memoryModel.largestBatchSize;
      abort.abort();
    },
  });
  if (outcome.status === 'failed') throw new Error(JSON.stringify(outcome.problem));
  return largest;
}

function placeOf({ config, configFile, folder }: Workspace) {
  return {
    config,
    configFile,
    root: folder,
    onBusy: (owner: string) => {
      console.error(`Waiting for another sweep on this machine: ${owner}`);
      return true;
    },
  };
}
