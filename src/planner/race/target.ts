import { centredMedians, isBetter, type Evaluation, type Metric } from '../../core/sweep/curve';

/**
 * The target that lies this share of the way from where training started to the best it came to;
 * null when nothing improved. The best is of centred medians: one lucky evaluation is not a target.
 */
export function targetFromCurve(
  start: number,
  values: readonly number[],
  metric: Metric,
  share = 0.9,
): number | null {
  const inner = values.length > 2 ? centredMedians(values).slice(0, -1) : values;
  const best = inner.reduce((a, b) => (isBetter(metric, b, a) ? b : a), start);
  return isBetter(metric, best, start) ? start + share * (best - start) : null;
}

/**
 * Share of the configured epochs before which no curve counts as levelled off: training often rests
 * on a plateau before it goes on, and whoever configured the epochs expected more of them.
 */
export const leastShareOfEpochs = 1 / 3;
/** Shares of the whole drop that the last third and the second half of a pilot must still bring. */
const leastGains = [
  { after: 2 / 3, share: 0.05 },
  { after: 1 / 2, share: 0.1 },
];
/** A drop of fewer standard errors may be noise: training goes on. */
const leastDrop = 4;
const fewestEvaluations = 6;

/**
 * True when a curve has levelled off: the last third of its updates improved it by less than 5%
 * of all that was gained since the start, or the last half by less than 10%, or either by less than
 * two standard errors of the metric. All are free of how long an epoch is, which for a large batch is a few updates. `x` counts updates.
 */
export function hasLevelledOff(
  start: number,
  evaluations: readonly Evaluation[],
  metric: Metric,
  standardError: number,
): boolean {
  const last = evaluations.at(-1);
  if (!last || evaluations.length < fewestEvaluations) return false;
  const values = centredMedians([start, ...evaluations.map(({ value }) => value)]).slice(1);
  const sign = metric === 'loss' ? 1 : -1;
  const best = (within: (x: number) => boolean) =>
    Math.min(
      sign * start,
      ...values.filter((_, i) => within(evaluations[i]?.x ?? 0)).map((value) => sign * value),
    );
  const end = best(() => true);
  const drop = sign * start - end;
  if (drop <= leastDrop * standardError) return false;
  return leastGains.some(({ after, share }) => {
    const gain = best((x) => x <= after * last.x) - end;
    return gain < Math.max(share * drop, 2 * standardError);
  });
}
