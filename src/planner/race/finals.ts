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

/** Seconds that one more race may take. */
export interface Patience {
  /** For the second seed, of two sizes. */
  readonly second: number;
  /** For the second seed, of three: the third decides less. */
  readonly secondOfThree: number;
  /** For the third seed and on. */
  readonly further: number;
}

/**
 * The sizes to race with one more seed, the fastest first; none where one is clearly ahead, or where
 * their race would take too long.
 */
export function finalistsOf<T extends Contender>(
  contenders: readonly T[],
  patience: Patience,
): readonly T[] {
  const all = undecided(contenders).slice(0, mostFinalists);
  const isSecond = all[0]?.seconds.length === 1;
  const some = [
    { sizes: all, seconds: isSecond ? patience.secondOfThree : patience.further },
    { sizes: all.slice(0, 2), seconds: isSecond ? patience.second : patience.further },
  ].find(({ sizes, seconds }) => sizes.length > 1 && secondsOf(sizes) <= seconds);
  return some?.sizes ?? [];
}

/** The sizes that another timing could make the fastest, fastest first. */
export function closestOf<T extends Contender>(contenders: readonly T[]): readonly T[] {
  const first = ({ seconds }: Contender) => seconds[0] ?? Infinity;
  const best = Math.min(...contenders.map(first));
  return contenders
    .filter((each) => first(each) <= mostMistimed * best)
    .toSorted((a, b) => first(a) - first(b))
    .slice(0, mostTimed);
}

/** What one more race of all of them takes: each about what it took at first, and its evaluations. */
function secondsOf(contenders: readonly Contender[]): number {
  return withEvaluations * contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
