import { fewestEvaluations } from './evaluationGrid';
import { timeRatios } from './timeRatios';

/** A sweep takes about so many trainings of the size that pilots. */
const trainingsOfSweep = 10;
/** The largest share of what is left that one trial of a race may take. */
const trialShare = 1 / 3;
const digits = 2;

interface Unlearned {
  /** Seconds that the sweep spent. */
  readonly spentSeconds: number;
  /** Updates in which nothing was learned, and the seconds of one. */
  readonly updates: number;
  readonly stepSeconds: number;
  /** Updates of all configured epochs at the same size. */
  readonly configuredUpdates: number;
}

/**
 * The budget in which a sweep should see its model begin to learn, in seconds: training as long as
 * configured, at least twice as long as was tried in vain, for as many trainings as a sweep takes.
 */
export function budgetToLearn(tried: Unlearned): number {
  const { spentSeconds, updates, stepSeconds, configuredUpdates } = tried;
  const needed = Math.max(2 * updates, configuredUpdates) * stepSeconds;
  const rest = Math.max(0, spentSeconds - updates * stepSeconds);
  return roundedUp(Math.max(rest + trainingsOfSweep * needed, 1.5 * spentSeconds));
}

/**
 * The budget that settles a race in which only one size reached the target, in seconds: each size
 * that was stopped short trains on to where it has lost, in its share of what is then left.
 */
export function budgetToSettle(
  spentSeconds: number,
  bestSeconds: number,
  trainedSeconds: readonly number[],
): number {
  let before = 0;
  let needed = 0;
  for (const trained of trainedSeconds) {
    const missing = Math.max(0, timeRatios.lost * bestSeconds - trained);
    needed = Math.max(needed, before + missing / trialShare);
    before += missing;
  }
  return roundedUp(Math.max(spentSeconds + needed, 1.2 * spentSeconds));
}

/**
 * The budget that leaves a sweep as much as was meant for it, in seconds, where starting the training
 * took so many of them: twice those, for the next start may be as much slower.
 */
export function budgetAfterStart(startSeconds: number, budgetSeconds: number): number {
  return roundedUp(2 * startSeconds + budgetSeconds);
}

/** The cheapest comparison is one of so many sizes. */
const fewestSizes = 2;
/** A forward pass over a forward and a backward one. */
export const forwardShare = 1 / 3;

/** The pace of one size. */
export interface TrainingPace {
  readonly batchSize: number;
  /** Of one update. */
  readonly stepSeconds: number;
  readonly validationSamples: number;
  /** Updates after which the size is evaluated next. */
  readonly nextEvaluation: (updates: number) => number;
}

/** The least seconds in which two sizes of this pace, each evaluated a few times, can be compared. */
export function secondsToCompare(pace: TrainingPace): number {
  const { batchSize, stepSeconds, validationSamples, nextEvaluation } = pace;
  let updates = 0;
  for (let made = 0; made < fewestEvaluations; made++) updates = nextEvaluation(updates);
  const evaluation = (forwardShare * validationSamples * stepSeconds) / batchSize;
  return fewestSizes * (updates * stepSeconds + fewestEvaluations * evaluation);
}

/** Up to two digits, as people give budgets. */
function roundedUp(seconds: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, seconds))) - digits + 1);
  return Math.ceil(seconds / unit) * unit;
}
