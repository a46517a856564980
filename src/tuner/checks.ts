import { finalistsOf, lossFactor } from '../core/racePlan';
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
/** Half or twice the rate saves no more than this, so that a slower size stays slower at any. */
const mostFromRate = 1.5;
/** A check that takes longer than this share of the winner's time changes nothing. */
const worthwhile = 0.9;

/**
 * Sizes that came close are timed in turns, then raced again with another seed: single runs of one
 * size scatter by more than neighbours differ. Returns the repeats.
 */
export async function repeatFinalists(
  context: SweepContext,
  field: Field,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const { clock } = context;
  const close = () =>
    finalistsOf(field.race.racers).flatMap(({ batchSize }) => field.of(batchSize) ?? []);
  progress.set({ id: 'progressFinalists', values: {} }, Math.min(clock.left, 3));
  await timeInTurns(context, close(), {
    ...rounds,
    seconds: Math.max(1, turnsShare * clock.budgetSeconds),
  });
  const repeats: TrialRun[] = [];
  for (const finalist of close()) {
    await finalist.release();
    const { batchSize, learningRate } = finalist;
    const settings = { batchSize, learningRate, seed: context.seed + 1 };
    const repeat = makeRun(context, 'otherSeed', settings);
    const best = fastestOf(repeats);
    const seconds = best?.timeToTarget ?? null;
    const capSeconds =
      seconds === null ? 2 * (finalist.timeToTarget ?? Infinity) : lossFactor * seconds;
    repeats.push(repeat);
    await follow(context, repeat, { capSeconds, against: best, progress });
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
    for (const [attempt, factor] of [
      ['twiceLearningRate', 2],
      ['halfLearningRate', 0.5],
    ] as const) {
      if (context.clock.left < 3 * seconds) return checks;
      const rate = Number((learningRate * factor).toPrecision(4));
      const run = makeRun(context, attempt, { batchSize, learningRate: rate });
      checks.push(run);
      await follow(context, run, { capSeconds: worthwhile * seconds, against: winner, progress });
      // Time over rate has one valley: where twice is faster, half is slower.
      if (run.timeToTarget !== null) break;
    }
  }
  return checks;
}

function fastestOf(runs: readonly TrialRun[]): TrialRun | null {
  const seconds = (run: TrialRun | null) => run?.timeToTarget ?? Infinity;
  return runs.reduce<TrialRun | null>((a, b) => (seconds(b) < seconds(a) ? b : a), null);
}

export interface SideCourse {
  readonly capSeconds: number;
  /** A trial that reached the target: who falls clearly behind it stops. */
  readonly against: TrialRun | null;
  readonly progress: SweepProgress;
}

/** Trains a side trial to the target or until it has lost, and ends it. */
export async function follow(
  context: SweepContext,
  run: TrialRun,
  { capSeconds, against, progress }: SideCourse,
): Promise<void> {
  if (run.finished) return;
  const { clock } = context;
  await trainToTarget(context, run, {
    capSeconds,
    wallSeconds: repeatShare * clock.left,
    progress,
    expected: Math.min(clock.left, 3 * capSeconds + 1),
    against,
  });
  await run.finish();
}
