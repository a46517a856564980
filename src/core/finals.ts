import { undecided, type Contender } from './settle';

/** Most sizes that are raced again: a fourth decides nothing better. */
const mostFinalists = 3;
/** Evaluations take about a fifth of a trial's seconds (`isEvaluationDue`). */
const withEvaluations = 1.25;

/** Seconds that one more race may take. */
export interface Patience {
  /** For the second seed. */
  readonly second: number;
  /** For the third and on. */
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
  const seconds = all[0]?.seconds.length === 1 ? patience.second : patience.further;
  const some = [all, all.slice(0, 2)].find((sizes) => secondsOf(sizes) <= seconds) ?? [];
  return some.length > 1 ? some : [];
}

/** What one more race of all of them takes: each about what it took at first, and its evaluations. */
function secondsOf(contenders: readonly Contender[]): number {
  return withEvaluations * contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
