import { tune } from '../../../src/tuner/sweep';
import type { Workspace } from './workspace';

/** What a real sweep recommends and took. */
export interface Swept {
  readonly seed: number;
  readonly batchSize: number;
  readonly target: number | null;
  readonly seconds: number;
  /** Without loading and the probe. */
  readonly racedSeconds: number;
  /** The pick's own estimate. */
  readonly timeToTargetSeconds: number | null;
  readonly trials: readonly string[];
  readonly largestBatchSize: number | null;
}

/** Tunes a task as a person would, with a seed that the truth does not know. */
export async function runSweep(
  { config, configFile, folder }: Workspace,
  seed: number,
  limits: { budgetSeconds?: number } = {},
): Promise<Swept> {
  const seeded = { ...config, training: { ...config.training, seed } };
  let begun: number | null = null;
  let probed = 0;
  const outcome = await tune({
    config: seeded,
    configFile,
    root: folder,
    ...limits,
    onBusy: (owner) => {
      console.error(`Waiting for another sweep on this machine: ${owner}`);
      return true;
    },
    onEvent: ({ type }) => {
      begun ??= performance.now();
      if (type === 'probeFinished') probed = (performance.now() - begun) / 1000;
    },
  });
  if (outcome.status !== 'done') {
    const why = outcome.status === 'failed' ? JSON.stringify(outcome.problem) : outcome.status;
    throw new Error(`The sweep of ${configFile} did not end well: ${why}`);
  }
  const { recommendation, target, cost, trials, memoryModel } = outcome.result;
  if (!recommendation) throw new Error(`The sweep of ${configFile} recommends nothing.`);
  const { batchSize } = recommendation;
  const picked = trials.find(
    (trial) => trial.batchSize === batchSize && trial.timeToTargetSeconds !== null,
  );
  return {
    seed,
    batchSize,
    target: target?.value ?? null,
    seconds: cost.seconds,
    racedSeconds: cost.seconds - probed,
    timeToTargetSeconds: picked?.timeToTargetSeconds ?? null,
    trials: trials.map(
      ({ id, stopReason, stepMs, timeToTargetSeconds, iterations }) =>
        `${id}: ${stopReason ?? '-'}, ${stepMs?.toFixed(2) ?? '-'} ms × ${iterations}` +
        (timeToTargetSeconds === null ? '' : `, target after ${timeToTargetSeconds.toFixed(2)} s`),
    ),
    largestBatchSize: memoryModel?.largestBatchSize ?? null,
  };
}
