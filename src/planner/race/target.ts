import { centredMedians, isBetter, type Evaluation, type Metric } from '../../core/sweep/curve';
import { valueAt } from './comparison';

/** What a curve must improve on for anything to have been learned. */
export interface Baseline {
  readonly metric: Metric;
  /** The metric before training. */
  readonly start: number;
  /** The metric of guessing without the features; null where it is not known. */
  readonly guess: number | null;
  /** Standard error of an evaluation. */
  readonly standardError: number;
}

/**
 * An improvement of fewer standard errors of an evaluation may be noise, one of a smaller share of what
 * there is to improve is no learning. A large share needs fewer: a model that is sure of its mistakes
 * has large errors, whatever it has learned.
 */
const leastGain = [
  { errors: 6, share: 0.02 },
  { errors: 4, share: 0.2 },
];

/** The last evaluation needs none after it to confirm it where it shows so many errors and such a share. */
const clearAtOnce = [{ errors: 6, share: 0.2 }];

/**
 * True once a curve has improved on the start, and on guessing, by many standard errors and by a
 * real share of what there is to improve: of the loss, or of the mistakes.
 */
export function hasBegunToLearn(values: readonly number[], baseline: Baseline): boolean {
  return bestLearned(values, improvedOn(baseline), baseline) !== null;
}

/**
 * The target for a race, from the curve of a pilot: most of the way from the value of guessing, or
 * from the start where that is better, to the best value. A loss that fell clearly, and still is
 * clearly above that of guessing, is on its way from a start that is far off: its target lies on
 * that way. Null while nothing has been learned.
 */
export function raceTarget(values: readonly number[], baseline: Baseline): number | null {
  const { metric, start, guess } = baseline;
  const from = improvedOn(baseline);
  const learned = bestLearned(values, from, baseline);
  if (learned !== null) return onTheWay(from, learned);
  if (metric !== 'loss' || from === start || guess === null) return null;
  const reached = bestLearned(values, start, baseline);
  const isShort = reached !== null && isGain(reached, guess, baseline, leastGain);
  return isShort ? onTheWay(start, reached) : null;
}

/**
 * A run with another seed, whose seconds scatter by 12%, is to reach the target by two standard
 * deviations before its training ends.
 */
const shareOfPlan = 0.8;
/** Two evaluations that lie nearer together than so many standard errors may be equal. */
const equalErrors = 2;

/**
 * The target where a pilot trained to the end of its training, after `end` epochs: the best value
 * that it had shortly before, within the errors of an evaluation. People mean by their training what
 * it ends with, and most of a loss has often fallen in the first of many epochs. `curve` is the metric
 * over epochs, start left out. Null where nothing was learned.
 */
export function targetBeforeEnd(
  curve: readonly Evaluation[],
  end: number,
  baseline: Baseline,
): number | null {
  const { metric, start, standardError } = baseline;
  const values = curve.map(({ value }) => value);
  const onTheWay = raceTarget(values, baseline);
  if (onTheWay === null) return null;
  let best = start;
  const bests = centredMedians(values).map((value, i) => {
    if (isBetter(metric, value, best)) best = value;
    return { x: curve[i]?.x ?? 0, value: best };
  });
  const before = valueAt([{ x: 0, value: start }, ...bests], shareOfPlan * end) ?? best;
  const near = before + equalErrors * standardError * (metric === 'loss' ? 1 : -1);
  return isBetter(metric, near, onTheWay) ? near : onTheWay;
}

/** The best value of a curve where it shows that something was learned; else null. */
function bestLearned(values: readonly number[], from: number, baseline: Baseline): number | null {
  const { metric } = baseline;
  const confirmed = bestOf(from, values, metric);
  if (isGain(from, confirmed, baseline, leastGain)) return confirmed;
  const last = values.at(-1) ?? from;
  return isGain(from, last, baseline, clearAtOnce) ? last : null;
}

/** Whether a value is better than another by as much as one of the bounds asks for. */
function isGain(
  from: number,
  to: number,
  { metric, standardError }: Baseline,
  bounds: readonly { readonly errors: number; readonly share: number }[],
): boolean {
  if (!isBetter(metric, to, from)) return false;
  const gain = Math.abs(to - from);
  const room = Math.abs(metric === 'loss' ? from : 1 - from);
  return bounds.some(({ errors, share }) => gain > errors * standardError && gain >= share * room);
}

/** Where learning begins: at the start, or at the value of guessing where that is better. */
function improvedOn({ metric, start, guess }: Baseline): number {
  return guess !== null && isBetter(metric, guess, start) ? guess : start;
}

/** A target lies this share of the way from where training started to the best value. */
const targetShare = 0.9;

function onTheWay(from: number, to: number, share = targetShare): number {
  return from + share * (to - from);
}

/**
 * The value that lies this share of the way from where training started to the best value;
 * null when nothing improved. The best is of centred medians: one lucky evaluation is not a target.
 */
export function targetFromCurve(
  start: number,
  values: readonly number[],
  metric: Metric,
  share = targetShare,
): number | null {
  const best = bestOf(start, values, metric);
  return isBetter(metric, best, start) ? onTheWay(start, best, share) : null;
}

function bestOf(start: number, values: readonly number[], metric: Metric): number {
  const inner = values.length > 2 ? centredMedians(values).slice(0, -1) : values;
  return inner.reduce((a, b) => (isBetter(metric, b, a) ? b : a), start);
}

/** How a given target compares with the start of training and with the best value. */
type TargetFit =
  /** The start meets it already. */
  | 'met'
  /** No size came more than half of the way to it. */
  | 'far'
  | 'fits';

const farShare = 0.5;

/** Whether sizes can be compared by a target that the config gives. */
export function fitOfTarget(
  target: number,
  start: number,
  metric: Metric,
  best: number | null = null,
): TargetFit {
  if (!isBetter(metric, target, start)) return 'met';
  if (best === null) return 'fits';
  return (best - start) / (target - start) < farShare ? 'far' : 'fits';
}

/**
 * Share of the configured epochs before which no curve counts as levelled off: training often rests
 * on a plateau before it goes on, and the configured epochs suggest that more of them help.
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
    return gain < Math.max(share * drop, equalErrors * standardError);
  });
}
