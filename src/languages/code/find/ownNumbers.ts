import type { NamedNumbers } from './namedSites';
import type { FoundNumber, Named } from './recorder';
import type { Chunk, Place } from '../read/syntax';

/** Everything that a number's own chunk says about it. */
export interface OwnNumber {
  readonly number: FoundNumber;
  /** Each statement with its rank: a lower rank outweighs a higher one. */
  readonly told: readonly Told[];
  readonly named: Named | null;
  readonly uses: readonly Place[];
  readonly call: FoundNumber['call'];
  readonly unlessStored: boolean;
  readonly counts: FoundNumber['counts'];
}

export interface Told {
  readonly rank: number;
  readonly number: FoundNumber;
}

/** What the statements of a chunk say about numbers. */
interface FoundNumbers {
  readonly given: readonly FoundNumber[];
  readonly keywords: readonly FoundNumber[];
  readonly loops: readonly FoundNumber[];
  readonly named: NamedNumbers;
}

export interface ToldNumbers {
  readonly own: readonly OwnNumber[];
  /** About numbers in other chunks. */
  readonly others: readonly Told[];
}

/** Ranks that `toldBy` gives. */
export const ranks = 6;

/**
 * Gathers what a chunk says about numbers. Most numbers are in the same chunk as all statements about them, and
 * need no weighing against other chunks.
 */
export function toldBy(chunk: Chunk, numbers: FoundNumbers): ToldNumbers {
  const { given, keywords, loops, named } = numbers;
  // Being an argument of a known call says most about a number; its name alone says least.
  const lists = [given, keywords, loops, named.bound, named.declared, named.defaults];
  const others: Told[] = [];
  const own = new Map<string, Told[]>();
  lists.forEach((list, rank) => {
    for (const number of list) {
      const { kind, at } = number;
      if (at.chunk !== chunk) {
        others.push({ rank, number });
        continue;
      }
      const key = `${kind}:${at.from}:${at.to}`;
      const told = own.get(key);
      if (told) told.push({ rank, number });
      else own.set(key, [{ rank, number }]);
    }
  });
  return { own: [...own.values()].map(joined), others };
}

function joined(told: readonly Told[]): OwnNumber {
  const [first] = told;
  if (!first) throw new TypeError('Nothing is told of a number.');
  if (told.length === 1) {
    const { number } = first;
    const { named, use, call, unlessStored, counts } = number;
    return { number, told, named, uses: use ? [use] : [], call, unlessStored, counts };
  }
  const uses: Place[] = [];
  for (const { number } of told) {
    const { use } = number;
    const known = use === null || uses.some((other) => samePlace(other, use));
    if (!known) uses.push(use);
  }
  const all = told.map(({ number }) => number);
  return {
    number: first.number,
    told,
    named: all.find(({ named }) => named !== null)?.named ?? null,
    uses,
    call: all.find(({ call }) => call !== null)?.call ?? null,
    unlessStored: all.some(({ unlessStored }) => unlessStored),
    counts: all.find(({ counts }) => counts !== null)?.counts ?? null,
  };
}

function samePlace(a: Place, b: Place): boolean {
  return a.chunk === b.chunk && a.from === b.from && a.to === b.to;
}
