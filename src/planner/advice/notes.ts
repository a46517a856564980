import { formatBytes } from '../../core/text/format';
import type { Text } from '../../core/text/problem';
import type { BackendInfo, DatasetInfo, Target, Timing, Trial } from '../../core/sweep/result';
import { isBetter } from '../../core/sweep/curve';
import { measured } from '../../core/text/valueText';
import { fitOfTarget } from '../race/target';
import { bestUntil } from './choice';

/** A share of waiting above this is reported. */
const busyFrom = 0.1;

/** Shown where other programs kept the work from the processor. */
export function busyNote(timing: Timing | null): Text | null {
  const share = timing?.waitingShare ?? 0;
  if (!timing || share <= busyFrom) return null;
  const values = { percent: Math.round(100 * share) };
  return { id: timing.clock === 'processor' ? 'machineBusy' : 'machineBusyByWall', values };
}

/** Shown where a size's steps had not stopped getting faster when they were timed. */
export function warmUpNote(trials: readonly Trial[]): Text | null {
  const sizes = trials
    .filter(({ stillWarmingUp }) => stillWarmingUp)
    .map(({ batchSize }) => batchSize)
    .toSorted((a, b) => a - b);
  if (sizes.length === 0) return null;
  return { id: 'stillWarmingUp', values: { sizes: [...new Set(sizes)].join(', ') } };
}

/** Shown where training starts beyond the configured target already. */
export function targetMetNote(target: Target, start: number): Text | null {
  const { metric, value } = target;
  if (fitOfTarget(value, start, metric) !== 'met') return null;
  return { id: 'targetMet', values: { target: value, metric, start: measured(start) } };
}

/** Shown where no trial came near the configured target. */
export function targetFarNote(
  target: Target | null,
  start: number | null,
  trials: readonly Trial[],
): Text | null {
  if (target?.source !== 'config' || start === null) return null;
  const { metric, value } = target;
  const bests = trials.flatMap((trial) => bestUntil(trial, metric, () => true) ?? []);
  if (bests.length === 0) return null;
  const best = bests.reduce((a, b) => (isBetter(metric, b, a) ? b : a));
  if (fitOfTarget(value, start, metric, best) !== 'far') return null;
  return { id: 'targetFar', values: { target: value, metric, best: measured(best) } };
}

/** Shown where a data set stays on disk because it does not fit beside the model. */
export function streamingNote(
  { streamedBytes }: DatasetInfo,
  limitBytes: number | null,
): Text | null {
  if (streamedBytes === undefined) return null;
  const data = formatBytes(streamedBytes);
  return limitBytes === null
    ? { id: 'explainStreamed', values: { data } }
    : { id: 'dataStreamed', values: { data, limit: formatBytes(limitBytes) } };
}

/**
 * What a person should know where the measurement was taken on another engine than the one that
 * the workspace trains with: speeds belong to an engine. Null where they are the same, or the
 * workspace names none.
 */
export function otherEngineNote({ name, device, workspaceEngine }: BackendInfo): Text | null {
  if (!workspaceEngine || workspaceEngine.same) return null;
  return {
    id: 'otherEngine',
    values: { package: workspaceEngine.package, engine: workspaceEngine.engine, name, device },
  };
}
