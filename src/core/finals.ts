import { undecided, type Contender } from './settle';

/** Most sizes that are raced again: a fourth decides nothing better. */
const mostFinalists = 3;
/** Single runs this close are raced once more whatever it takes: the winner must not be luck alone. */
const tiedFactor = 1.05;

/**
 * The sizes to race with one more seed, the fastest first; none where one is clearly ahead, or where
 * their race would take more than so many seconds.
 */
export function finalistsOf<T extends Contender>(
  contenders: readonly T[],
  seconds: number,
): readonly T[] {
  const all = undecided(contenders).slice(0, mostFinalists);
  const two = all.slice(0, 2);
  for (const some of [all, two]) if (secondsOf(some) <= seconds) return some.length > 1 ? some : [];
  const [leader, next] = two;
  const isFirst = leader?.seconds.length === 1;
  const isTied = (next?.seconds[0] ?? Infinity) <= tiedFactor * (leader?.seconds[0] ?? 0);
  return isFirst && isTied ? two : [];
}

/** What one more race of all of them takes: each about what it took at first. */
function secondsOf(contenders: readonly Contender[]): number {
  return contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
