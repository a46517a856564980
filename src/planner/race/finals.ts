import { trainingPerEvaluation } from './evaluationGrid';
import { possibleWinners, type Contender } from './winner';

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
interface Patience {
  readonly secondSeed: number;
  readonly furtherSeeds: number;
}

/**
 * What a sweep may take from its pilot on, checks included, before finalists are raced no more,
 * though who is the fastest may still be open: so many trainings of the best size; or so many times
 * what starting and probing took, whichever is more, for where trainings are short beside that,
 * another one hardly adds to what a person waits for anyway.
 */
const mostFromPilot = {
  secondSeed: { trainings: 10, probings: 2 },
  furtherSeeds: { trainings: 8.5, probings: 1 },
} as const;
/** What the checks that follow take, in trainings of the best size. */
const checksTrainings = 1.8;

/** Where a sweep's finals stand, in seconds. */
interface FinalsClock {
  readonly budgetSeconds: number;
  readonly spent: number;
  /** Spent when the pilot began: on starting and probing. */
  readonly pilotBegan: number;
  /** What the best size took to the target. */
  readonly trainingSeconds: number;
}

/** What is left of the patience. It has no scale of its own: all of it is in units of the clock. */
export function patienceOf(clock: FinalsClock): Patience {
  const { budgetSeconds, spent, pilotBegan, trainingSeconds } = clock;
  const left = ({ trainings, probings }: { trainings: number; probings: number }) => {
    const most = Math.max(trainings * trainingSeconds, probings * pilotBegan);
    const end = pilotBegan + most - checksTrainings * trainingSeconds;
    return Math.min(end, budgetSeconds) - spent;
  };
  return {
    secondSeed: left(mostFromPilot.secondSeed),
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
  const all = possibleWinners(contenders).slice(0, mostFinalists);
  const seconds = all[0]?.seconds.length === 1 ? patience.secondSeed : patience.furtherSeeds;
  const affordable = [all, all.slice(0, 2)].find((sizes) => secondsOf(sizes) <= seconds) ?? [];
  return affordable.length > 1 ? affordable : [];
}

/** What one more race of all of them takes: each about what it took at first, and its evaluations. */
function secondsOf(contenders: readonly Contender[]): number {
  return withEvaluations * contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
