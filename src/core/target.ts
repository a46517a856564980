import { median } from 'simple-statistics';

export type Metric = 'loss' | 'accuracy';

/** One evaluation: x is seconds, iterations or samples. */
export interface Evaluation {
  readonly x: number;
  readonly value: number;
}

/** True when `a` is a better value of the metric than `b`. */
export function isBetter(metric: Metric, a: number, b: number): boolean {
  return metric === 'loss' ? a < b : a > b;
}

/** The median of each evaluation and its two neighbours; the ends stay as they are. */
export function centredMedians(values: readonly number[]): number[] {
  return values.map((value, i) => {
    const before = values[i - 1];
    const after = values[i + 1];
    return before === undefined || after === undefined ? value : median([before, value, after]);
  });
}

/**
 * Where a curve reaches the target: the first evaluation whose centred median of three is at least
 * as good, interpolated to the one before. The last evaluation cannot cross, for it has no
 * successor to confirm it. Null when the curve does not get there.
 */
export function crossing(
  curve: readonly Evaluation[],
  metric: Metric,
  target: number,
): number | null {
  const smooth = centredMedians(curve.map(({ value }) => value));
  for (let i = 0; i < curve.length - 1; i++) {
    const [here, value] = [curve[i], smooth[i]];
    if (!here || value === undefined || isBetter(metric, target, value)) continue;
    const [before, valueBefore] = [curve[i - 1], smooth[i - 1]];
    if (!before || valueBefore === undefined || valueBefore === value) return here.x;
    return before.x + ((target - valueBefore) / (value - valueBefore)) * (here.x - before.x);
  }
  return null;
}

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
 * of all that was gained since the start, or by less than two standard errors of the metric. Both
 * are free of how long an epoch is, which for a large batch is a few updates. `x` counts updates.
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
