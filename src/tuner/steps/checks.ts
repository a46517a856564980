import { contendersOf } from '../../planner/advice/choice';
import { clearlyFaster } from '../../planner/advice/fasterRate';
import { closestOf, finalistsOf, type Patience } from '../../planner/race/finals';
import { lossFactor } from '../../planner/race/racePlan';
import { makeRun } from '../trial/trialPurpose';
import { trainToTarget, type Field } from './race';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns } from '../trial/timeInTurns';

/** Most of the budget that timing the finalists in turns may take. */
const turnsShare = 0.05;
const rounds = { fewestRounds: 5, mostRounds: 10 };
/** Of what is left of the budget, most that one repeat may take. */
const repeatShare = 1 / 3;
/**
 * Trainings of the best size or seconds, whichever is more, that a sweep may take from its pilot on,
 * checks included, before finalists are raced no more, though who is the fastest may still be open: a
 * sweep should take some ten trainings, and where these are short, no longer than a person waits.
 */
const patiences: Record<keyof Patience, { readonly trainings: number; readonly seconds: number }> =
  {
    second: { trainings: 10, seconds: 19.5 },
    secondOfThree: { trainings: 10, seconds: 17 },
    further: { trainings: 8.5, seconds: 9 },
  };
/** What the checks that follow take, in trainings of the best size. */
const checksTrainings = 1.8;
/** Most of the budget that these seconds may be. */
const patienceShare = 1 / 3;
/** Seconds that finals may take whatever went before: short trainings race often in that. */
const finalsSeconds = 2.5;
/** Most seeds that finalists are raced with again. */
const mostRepeats = 8;
/** Half or twice the rate saves no more than this, so that a slower size stays slower at any. */
const mostFromRate = 1.5;
/** A check of the configured size that takes longer than this share of the winner's time turns no order. */
const worthwhile = 0.9;

/**
 * Sizes that came close are timed in turns, then raced again with other seeds, for single runs of
 * one size scatter by more than neighbours differ: with every seed, those that are clearly behind
 * fall out, until one is left or the sweep, whose pilot `begun` when so many seconds were spent, has
 * taken long enough. Returns the repeats.
 */
export async function repeatFinalists(
  context: SweepContext,
  field: Field,
  begun: number,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const { clock } = context;
  const repeats: TrialRun[] = [];
  const contenders = () =>
    contendersOf(
      [...field.runs, ...repeats]
        .map((run) => run.toTrial())
        .filter(({ status }) => status === 'ok'),
    );
  progress.set({ id: 'progressFinalists', values: {} }, Math.min(clock.left, 3));
  const close = closestOf(contenders());
  await timeInTurns(
    context,
    close.flatMap(({ batchSize }) => field.of(batchSize) ?? []),
    { ...rounds, seconds: turnsShare * clock.budgetSeconds },
  );
  const finals = clock.spent;
  for (let round = 1; round <= mostRepeats; round++) {
    const own: TrialRun[] = [];
    const patience = patienceOf(context, field, { pilot: begun, finals });
    for (const { batchSize, trial } of finalistsOf(contenders(), patience)) {
      await field.of(batchSize)?.release();
      const repeat = makeRun(
        context,
        { repeat: round },
        {
          batchSize,
          learningRate: trial.learningRate,
          seed: context.seed + round,
        },
      );
      const best = fastestOf(own);
      const fastest = best?.timeToTarget ?? null;
      const capSeconds =
        fastest === null ? 2 * (trial.timeToTargetSeconds ?? Infinity) : lossFactor * fastest;
      own.push(repeat);
      await follow(context, repeat, { capSeconds, against: best, progress });
    }
    if (own.length === 0) break;
    repeats.push(...own);
  }
  return repeats;
}

/**
 * The winner at twice and, where that is no faster, at half its learning rate; then the configured
 * size, where it was near enough that a rate could turn the order. Whoever falls clearly behind the
 * winner stops, so that all of them together cost about one more training.
 */
export async function checkLearningRates(
  context: SweepContext,
  winner: TrialRun,
  configured: TrialRun | null,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const checks: TrialRun[] = [];
  const seconds = winner.timeToTarget;
  if (seconds === null) return checks;
  const theirs = configured?.timeToTarget ?? Infinity;
  const isNear = configured && configured !== winner && theirs < mostFromRate * seconds;
  for (const { batchSize, learningRate } of isNear ? [winner, configured] : [winner]) {
    const share = batchSize === winner.batchSize ? clearlyFaster : worthwhile;
    for (const [attempt, factor] of [
      ['twiceLearningRate', 2],
      ['halfLearningRate', 0.5],
    ] as const) {
      if (context.clock.left < 3 * seconds) return checks;
      const rate = Number((learningRate * factor).toPrecision(4));
      const run = makeRun(context, attempt, { batchSize, learningRate: rate });
      checks.push(run);
      await follow(context, run, {
        capSeconds: share * seconds,
        against: winner,
        mustTake: share,
        progress,
      });
      // Time over rate has one valley: where twice is faster, half is slower.
      if (run.timeToTarget !== null) break;
    }
  }
  return checks;
}

/** What is left of the patience, where pilot and finals began when so many seconds were spent. */
function patienceOf(
  { clock }: SweepContext,
  { best }: Field,
  begun: { readonly pilot: number; readonly finals: number },
): Patience {
  const { budgetSeconds, spent } = clock;
  const training = best?.timeToTarget ?? 0;
  const left = ({ trainings, seconds }: (typeof patiences)[keyof Patience]) => {
    const most = Math.max(trainings * training, Math.min(seconds, patienceShare * budgetSeconds));
    const end = Math.max(
      begun.pilot + most - checksTrainings * training,
      begun.finals + finalsSeconds,
    );
    return Math.min(end, budgetSeconds) - spent;
  };
  return {
    second: left(patiences.second),
    secondOfThree: left(patiences.secondOfThree),
    further: left(patiences.further),
  };
}

function fastestOf(runs: readonly TrialRun[]): TrialRun | null {
  const seconds = (run: TrialRun | null) => run?.timeToTarget ?? Infinity;
  return runs.reduce<TrialRun | null>((a, b) => (seconds(b) < seconds(a) ? b : a), null);
}

export interface SideCourse {
  readonly capSeconds: number;
  /** A trial that reached the target: who falls clearly behind it stops. */
  readonly against: TrialRun | null;
  /** Share of that trial's seconds that must do; default 1. */
  readonly mustTake?: number;
  readonly progress: SweepProgress;
}

/** Trains a side trial to the target or until it has lost, and ends it. */
export async function follow(
  context: SweepContext,
  run: TrialRun,
  { capSeconds, against, mustTake = 1, progress }: SideCourse,
): Promise<void> {
  if (run.finished) return;
  const { clock } = context;
  await trainToTarget(context, run, {
    capSeconds,
    wallSeconds: repeatShare * clock.left,
    progress,
    expected: Math.min(clock.left, 3 * capSeconds + 1),
    against,
    mustTake,
  });
  await run.finish();
}
