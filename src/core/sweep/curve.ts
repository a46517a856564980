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
    return before === undefined || after === undefined ? value : middleOf(before, value, after);
  });
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
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
