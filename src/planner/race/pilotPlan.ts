import { crossing, isBetter, type Evaluation, type Metric } from '../../core/sweep/curve';
import { valueAt, type Rivalry } from './comparison';
import {
  hasBegunToLearn,
  hasLevelledOff,
  leastShareOfEpochs,
  raceTarget,
  targetBeforeEnd,
  targetFromCurve,
  type Baseline,
} from './target';

/** One evaluation of a pilot. */
interface PilotEvaluation {
  /** Updates made. */
  readonly iteration: number;
  readonly epoch: number;
  readonly value: number;
  /** Standard error of the loss over the validation samples. */
  readonly lossError: number;
}

/** How a pilot has trained. */
export interface PilotCurve {
  readonly metric: Metric;
  /** The metric before training; null where it is not known. */
  readonly start: number | null;
  /** The metric of guessing without the features; null where it is not known. */
  readonly guess: number | null;
  readonly evaluations: readonly PilotEvaluation[];
  readonly validationSamples: number;
  /** The configured ones. */
  readonly epochs: number;
  /**
   * Epochs after which the training itself ends, where the pilot can train so long, or has; null
   * where that is not known, or too far.
   */
  readonly end: number | null;
}

/**
 * Evaluations up to the first at which a pilot had come to its training's own end, or, where it
 * cannot get there, had levelled off; null where it had not.
 */
export function levelledOffAt(pilot: PilotCurve): number | null {
  const { metric, start, evaluations, epochs, end } = pilot;
  if (start === null) return null;
  if (end !== null) {
    // It may rest on a plateau until its learning rate falls.
    const last = evaluations.findIndex(({ epoch }) => epoch >= end - 1e-9);
    return last >= 0 && hasLearned({ ...pilot, evaluations: evaluations.slice(0, last + 1) })
      ? last + 1
      : null;
  }
  const curve = evaluations.map(({ iteration: x, value }) => ({ x, value }));
  // Every sample counts for the target.
  const fewestEpochs = Math.max(1, leastShareOfEpochs * epochs) - 1e-9;
  for (const [index, { epoch }] of evaluations.entries()) {
    if (epoch < fewestEpochs) continue;
    const count = index + 1;
    const isLevel = hasLevelledOff(start, curve.slice(0, count), metric, errorOf(pilot, index));
    if (isLevel && hasLearned({ ...pilot, evaluations: evaluations.slice(0, count) })) return count;
  }
  return null;
}

/**
 * Whether a pilot has come beyond what it started from, and beyond guessing: else its rate does not
 * suit it, or its seed, or the model needs longer before it begins to learn.
 */
export function hasLearned(pilot: PilotCurve): boolean {
  const baseline = baselineOf(pilot);
  if (!baseline) return false;
  return hasBegunToLearn(
    pilot.evaluations.map(({ value }) => value),
    baseline,
  );
}

function baselineOf(pilot: PilotCurve): Baseline | null {
  const { metric, start, guess, evaluations } = pilot;
  if (start === null) return null;
  return { metric, start, guess, standardError: errorOf(pilot, evaluations.length - 1) };
}

/**
 * What a challenger must beat: a leader's time to where 90% of its drop so far was made, as if
 * training ended there. `curve` is the leader's metric over its seconds, from before training on.
 * Null where it has not improved.
 */
export function barOf(metric: Metric, curve: readonly Evaluation[]): Rivalry | null {
  const [start, ...values] = curve.map(({ value }) => value);
  const target = start === undefined ? null : targetFromCurve(start, values, metric);
  const seconds = target === null ? null : crossing(curve, metric, target);
  if (start === undefined || target === null || seconds === null) return null;
  return { metric, start, target, seconds };
}

/** Whether a challenger is better than the leader at equal seconds, the last that both have trained. */
export function isAhead(
  metric: Metric,
  challenger: readonly Evaluation[],
  leader: readonly Evaluation[],
): boolean {
  const x = Math.min(challenger.at(-1)?.x ?? 0, leader.at(-1)?.x ?? Infinity);
  if (x === 0) return false;
  const [own, theirs] = [valueAt(challenger, x), valueAt(leader, x)];
  return own !== null && (theirs === null || isBetter(metric, own, theirs));
}

/** The target that a pilot sets, with four significant digits; null where nothing was learned. */
export function targetOfPilot(pilot: PilotCurve): number | null {
  const level = levelledOffAt(pilot);
  // Timing may have trained it past that: the target must not depend on how long timing took.
  const evaluations = pilot.evaluations.slice(0, level ?? undefined);
  const baseline = baselineOf({ ...pilot, evaluations });
  if (!baseline) return null;
  const curve = evaluations.map(({ epoch, value }) => ({ x: epoch, value }));
  const values = curve.map(({ value }) => value);
  const target =
    level !== null && pilot.end !== null
      ? targetBeforeEnd(curve, pilot.end, baseline)
      : raceTarget(values, baseline);
  return target === null ? null : Number(target.toPrecision(4));
}

/** Standard error of an evaluation; an accuracy's is that of a proportion of the validation samples. */
function errorOf({ metric, evaluations, validationSamples }: PilotCurve, index: number): number {
  const evaluation = evaluations[index];
  if (metric === 'loss') return evaluation?.lossError ?? 0;
  const accuracy = evaluation?.value ?? 0.5;
  return Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, validationSamples));
}
