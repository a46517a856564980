import { undecided, type Contender } from './settle';

/** Most sizes that are raced again: a fourth decides nothing better. */
const mostFinalists = 3;
/** Single runs this close are a tie, which is worth a second race for longer than others. */
const tiedFactor = 1.1;

/** Seconds that one more race may take. */
export interface Patience {
  /** For the second seed. */
  readonly second: number;
  /** For the third and on. */
  readonly further: number;
  /** For a second seed of two that are tied. */
  readonly tied: number;
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
  const two = all.slice(0, 2);
  const [leader, next] = two;
  if (!leader || !next) return [];
  const isSecond = leader.seconds.length === 1;
  const seconds = isSecond ? patience.second : patience.further;
  for (const some of [all, two]) if (secondsOf(some) <= seconds) return some;
  const isTied = (next.seconds[0] ?? Infinity) <= tiedFactor * (leader.seconds[0] ?? 0);
  return isSecond && isTied && secondsOf(two) <= patience.tied ? two : [];
}

/** What one more race of all of them takes: each about what it took at first. */
function secondsOf(contenders: readonly Contender[]): number {
  return contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
