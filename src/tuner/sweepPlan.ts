import path from 'node:path';
import { parseBytes } from '../config/units';
import { batchSizeLadder } from '../core/batches/ladder';
import type { Objective } from '../core/sweep/result';
import type { SweepEvent } from '../core/sweep/sweepEvent';
import type { Result } from '../core/text/problem';
import type { Prepared } from '../protocol/trainer';
import type { SweepOptions } from './sweepOptions';

/** The batch sizes to try; a problem with those of the config names their place. */
export function ladderOf(
  { config, configFile, batchSizes }: SweepOptions,
  { dataset }: Prepared,
): Result<readonly number[]> {
  const ladder = batchSizeLadder(batchSizes ?? config.tuning.batchSizes, dataset.samples);
  if (ladder.ok || batchSizes) return ladder;
  const place = { file: configFile, pointer: ['tuning', 'batchSizes'] };
  return { ok: false, problem: { ...ladder.problem, place } };
}

/** Device bytes that a trial may hold at most; null where it is not known. */
export function limitBytesOf({ config }: SweepOptions, { availableBytes }: Prepared) {
  const { memoryLimit } = config.tuning;
  return memoryLimit === undefined ? availableBytes : parseBytes(memoryLimit);
}

type Started = Extract<SweepEvent, { type: 'started' }>;

/** What a sweep sets out to do. */
interface Plan extends Pick<Started, 'sweepId' | 'configured' | 'fingerprint' | 'budgetSeconds'> {
  readonly startedAt: Date;
  readonly objective: Objective;
  readonly ladder: readonly number[];
}

/** The first event of a sweep. */
export function startedEvent(
  { config, configFile }: SweepOptions,
  { startedAt, ladder, budgetSeconds, ...plan }: Plan,
): Started {
  return {
    ...plan,
    type: 'started',
    formatVersion: 1,
    at: startedAt.toISOString(),
    config: path.basename(configFile),
    seed: config.training.seed,
    batchSizes: [...ladder],
    // An exhaustive sweep has no limit, which JSON cannot express: the largest number stands for it.
    budgetSeconds: Number.isFinite(budgetSeconds) ? budgetSeconds : Number.MAX_SAFE_INTEGER,
    pid: process.pid,
  };
}
