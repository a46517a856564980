import { isBetter, type Evaluation, type Metric } from '../../core/sweep/curve';

/** Share of the whole drop to the target by which a curve must lie behind another to have lost. */
const behindShare = 0.1;
/** The same where being as fast is not enough. */
const notAheadShare = 0.02;
/** Share of the other's time to the target before which nothing is said: early order changes. */
export const comparedFrom = 0.3;
/** Until a curve has come this share of the way to the target, evaluations lie further apart. */
const closeShare = 0.7;
const sparseFactor = 1.15;

export interface Rivalry {
  readonly metric: Metric;
  /** The metric before training, and at the target. */
  readonly start: number;
  readonly target: number;
  /** Seconds that the curve to beat took to the target. */
  readonly seconds: number;
  /** Most of these seconds that the curve may take; default 1. Below 1, one that is as fast is behind. */
  readonly mostTimeRatio?: number;
}

/**
 * True for a curve that has clearly lost against another: from three tenths of the other's time on,
 * at two evaluations in a row, it lay behind it at equal seconds by a tenth of the whole drop.
 */
export function isClearlyBehind(
  curve: readonly Evaluation[],
  other: readonly Evaluation[],
  { metric, start, target, seconds, mostTimeRatio = 1 }: Rivalry,
): boolean {
  const last = curve.slice(-2);
  const share = mostTimeRatio < 1 ? notAheadShare : behindShare;
  const allowed = share * Math.abs(target - start) * (metric === 'loss' ? 1 : -1);
  return (
    last.length === 2 &&
    last.every(({ x, value }) => {
      if (x < comparedFrom * seconds) return false;
      const reference = valueAt(other, x / mostTimeRatio);
      return reference !== null && isBetter(metric, reference + allowed, value);
    })
  );
}

/**
 * Whether evaluating a trial that has trained for so many seconds can matter: not before
 * it is compared with the curve to beat; then two evaluations, which may end it; then every other
 * one, until it comes close to the target.
 */
export function isWorthEvaluating(
  curve: readonly Evaluation[],
  trained: number,
  { start, target, seconds }: Rivalry,
): boolean {
  if (trained < comparedFrom * seconds) return false;
  const [before, last] = curve.slice(-2);
  if (!before || !last || before.x < comparedFrom * seconds) return true;
  return isClose(last.value, start, target) || trained >= sparseFactor * last.x;
}

/** Whether a value has come most of the way from where training started to the target. */
export function isClose(value: number, start: number, target: number): boolean {
  return (start - value) / (start - target) >= closeShare;
}

/** A curve's value after so many seconds, interpolated; beyond its end the last. Null before it. */
export function valueAt(curve: readonly Evaluation[], x: number): number | null {
  const after = curve.findIndex((point) => point.x >= x);
  const [before, next] = after < 0 ? [curve.at(-1)] : [curve[after - 1], curve[after]];
  if (!next) return before?.value ?? null;
  if (!before) return next.x === x ? next.value : null;
  return before.value + ((x - before.x) / (next.x - before.x)) * (next.value - before.value);
}

/**
 * How many times as long as another a curve took to where it ended: its seconds over those after
 * which the other had come as far. Null where the other never came that far or nothing improved.
 */
export function timesSlower(
  curve: readonly Evaluation[],
  other: readonly Evaluation[],
  metric: Metric,
): number | null {
  const [first, last] = [curve[0], curve.at(-1)];
  if (!first || !last || !isBetter(metric, last.value, first.value)) return null;
  const at = other.findIndex(({ value }) => !isBetter(metric, last.value, value));
  const [before, here] = [other[at - 1], other[at]];
  if (!before || !here) return null;
  const share = (last.value - before.value) / (here.value - before.value);
  const seconds = before.x + share * (here.x - before.x);
  return seconds > 0 ? last.x / seconds : null;
}
