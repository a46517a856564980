import { contendersOf } from '../core/choice';
import { clearlyFaster } from '../core/fasterRate';
import { finalistsOf, type Patience } from '../core/finals';
import { stoppedFactor } from '../core/settle';
import { makeRun } from './attempts';
import { trainToTarget, type Field } from './race';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';
import { timeInTurns } from './turns';

/** Most of the budget that timing the finalists in turns may take. */
const turnsShare = 0.05;
const rounds = { fewestRounds: 3, mostRounds: 10 };
/** Of what is left of the budget, most that one repeat may take. */
const repeatShare = 1 / 3;
/**
 * Trainings of the best size or share of the budget, whichever is more, that a sweep may have taken
 * from its pilot on before finalists are raced no more, though who is the fastest may still be open: a
 * sweep should take some ten trainings, and where these are short, a moment.
 */
const patience = {
  second: { trainings: 7, share: 0.1 },
  further: { trainings: 7, share: 0.06 },
  tied: { trainings: 9, share: 0.15 },
};
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
  const finalists = () => {
    const trials = [...field.runs, ...repeats].map((run) => run.toTrial());
    const reached = trials.filter(({ status }) => status === 'ok');
    return finalistsOf(contendersOf(reached), patienceOf(context, field, begun));
  };
  progress.set({ id: 'progressFinalists', values: {} }, Math.min(clock.left, 3));
  const timed = finalists().flatMap(({ batchSize }) => field.of(batchSize) ?? []);
  await timeInTurns(context, timed, {
    ...rounds,
    seconds: Math.max(1, turnsShare * clock.budgetSeconds),
  });
  for (let round = 1; round <= mostRepeats; round++) {
    const own: TrialRun[] = [];
    for (const { batchSize, trial } of finalists()) {
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
        fastest === null ? 2 * (trial.timeToTargetSeconds ?? Infinity) : stoppedFactor * fastest;
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

/** What is left of the patience of a sweep whose pilot began when so many seconds were spent. */
function patienceOf({ clock }: SweepContext, { best }: Field, begun: number): Patience {
  const left = ({ trainings, share }: (typeof patience)[keyof Patience]) => {
    const seconds = Math.max(trainings * (best?.timeToTarget ?? 0), share * clock.budgetSeconds);
    return Math.min(begun + seconds, clock.budgetSeconds) - clock.spent;
  };
  const { second, further, tied } = patience;
  return { second: left(second), further: left(further), tied: left(tied) };
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
