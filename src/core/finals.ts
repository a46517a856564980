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
  /** For a second seed of those that are tied. */
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
  const isSecond = all[0]?.seconds.length === 1;
  const fastest = all[0]?.seconds[0] ?? 0;
  const tied = all.filter(({ seconds }) => (seconds[0] ?? Infinity) <= tiedFactor * fastest);
  const patienceOfAll = isSecond ? patience.second : patience.further;
  const patienceOfTied = isSecond ? patience.tied : 0;
  const [some] = [
    { sizes: all, seconds: patienceOfAll },
    { sizes: tied, seconds: patienceOfTied },
    { sizes: all.slice(0, 2), seconds: patienceOfAll },
    { sizes: tied.slice(0, 2), seconds: patienceOfTied },
  ].filter(({ sizes, seconds }) => sizes.length > 1 && secondsOf(sizes) <= seconds);
  return some?.sizes ?? [];
}

/** What one more race of all of them takes: each about what it took at first. */
function secondsOf(contenders: readonly Contender[]): number {
  return contenders.reduce((sum, { seconds }) => sum + (seconds[0] ?? 0), 0);
}
