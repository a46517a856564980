import { trainingPerEvaluation } from './evaluationGrid';
import { undecided, type Contender } from './settle';

/** Most sizes that are raced again: a fourth decides nothing better. */
const mostFinalists = 3;
/** A trial with its evaluations, over its training alone. */
const withEvaluations = 1 + 1 / trainingPerEvaluation;
/** Most sizes that are timed in turns before they are raced again. */
const mostTimed = 4;
/** By as much as this a spell of load on the machine can make a size look slower than it is. */
const mostMistimed = 1.5;

/** The sizes that another timing could make the fastest, fastest first. */
export function sizesToTime<T extends Contender>(contenders: readonly T[]): readonly T[] {
  const first = ({ seconds }: Contender) => seconds[0] ?? Infinity;
  const best = Math.min(...contenders.map(first));
  return contenders
    .filter((each) => first(each) <= mostMistimed * best)
    .toSorted((a, b) => first(a) - first(b))
    .slice(0, mostTimed);
}

/** Seconds that one more race may take. */
export interface Patience {
  readonly secondSeedOfTwoSizes: number;
  /** Less than for two: the third size decides less. */
  readonly secondSeedOfThreeSizes: number;
  readonly furtherSeeds: number;
}

/**
 * Trainings of the best size or seconds, whichever is more, that a sweep may take from its pilot on,
 * checks included, before finalists are raced no more, though who is the fastest may still be open: a
 * sweep should take some ten trainings, and where these are short, no longer than a person waits.
 */
const mostFromPilot = {
  secondSeedOfTwoSizes: { trainings: 10, seconds: 19.5 },
  secondSeedOfThreeSizes: { trainings: 10, seconds: 17 },
  furtherSeeds: { trainings: 8.5, seconds: 9 },
} as const;
/** What the checks that follow take, in trainings of the best size. */
const checksTrainings = 1.8;
/** Most of the budget that these seconds may be. */
const patienceShare = 1 / 3;
/** Seconds that finals may take whatever went before: short trainings race often in that. */
const finalsSeconds = 2.5;

/** Where a sweep's finals stand, in seconds. */
export interface FinalsClock {
  readonly budgetSeconds: number;
  readonly spent: number;
  /** Spent when the pilot began, and when the finals did. */
  readonly pilotBegan: number;
  readonly finalsBegan: number;
  /** What the best size took to the target. */
  readonly trainingSeconds: number;
}

/** What is left of the patience. */
export function patienceOf(clock: FinalsClock): Patience {
  const { budgetSeconds, spent, pilotBegan, finalsBegan, trainingSeconds } = clock;
  const left = ({ trainings, seconds }: { trainings: number; seconds: number }) => {
    const most = Math.max(
      trainings * trainingSeconds,
      Math.min(seconds, patienceShare * budgetSeconds),
    );
    const end = Math.max(
      pilotBegan + most - checksTrainings * trainingSeconds,
      finalsBegan + finalsSeconds,
    );
    return Math.min(end, budgetSeconds) - spent;
  };
  return {
    secondSeedOfTwoSizes: left(mostFromPilot.secondSeedOfTwoSizes),
    secondSeedOfThreeSizes: left(mostFromPilot.secondSeedOfThreeSizes),
    furtherSeeds: left(mostFromPilot.furtherSeeds),
  };
}

/**
 * The sizes to race with one more seed, the fastest first; none where one is clearly ahead, or where
 * their race would take too long.
 */
export function sizesToRaceAgain<T extends Contender>(
  contenders: readonly T[],
  patience: Patience,
): readonly T[] {
  const all = undecided(contenders).slice(0, mostFinalists);
  const isSecond = all[0]?.seconds.length === 1;
  const some = [
    { sizes: all, seconds: isSecond ? patience.secondSeedOfThreeSizes : patience.furtherSeeds },
    {
      sizes: all.slice(0, 2),
      seconds: isSecond ? patience.secondSeedOfTwoSizes : patience.furtherSeeds,
    },
  ].find(({ sizes, seconds }) => sizes.length > 1 && secondsOf(sizes) <= seconds);
  return some?.sizes ?? [];
}

/** What one more race of all of them takes: each about what it took at first, and its evaluations. */
function secondsOf(contenders: readonly Contender[]): number {
  return withEvaluations * contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
