import type { Site, SiteKind } from '../../site';
import type { Api } from '../knowledge/api';
import type { CallExpr, Place } from '../read/syntax';
import type { FoundTraining } from './chunkTrainings';
import { placeKey, spanKey } from './places';

interface Use {
  readonly key: number;
  readonly site: Site;
}

/** The models that trainings train, as they are written. */
export function subjectsOf(trainings: readonly FoundTraining[]): number {
  return new Set(trainings.map(({ subject }) => subject)).size;
}

/** From where to where a class or a function goes in the program. */
interface Home {
  readonly start: number;
  readonly end: number;
}

/** The classes and functions that trainings stand in. */
function homesOf(trainings: readonly FoundTraining[]): Home[] {
  const homes = new Map<number, Home>();
  for (const { call } of trainings) {
    const home = call.scope.classInfo ?? call.scope.functionInfo;
    if (!home) continue;
    const start = placeKey(home);
    homes.set(start, { start, end: start + home.to - home.from });
  }
  return [...homes.values()];
}

/**
 * Which numbers belong to a training that is not given them: what stands in the same function, else in
 * the same class, where that is one number alone; else the only one in the program, where that trains
 * only one model. What another training is given itself is never its.
 */
export class Belonging {
  readonly #sites: readonly Site[];
  readonly #claimed: ReadonlySet<Site>;
  readonly #subjects: number;
  readonly #uses = new Map<SiteKind, Use[]>();
  readonly #only = new Map<SiteKind, Site | null>();
  readonly #homes: readonly Home[];

  /**
   * @param claimed what trainings are given themselves
   * @param subjects how many models are trained
   */
  constructor(
    sites: readonly Site[],
    claimed: ReadonlySet<Site>,
    subjects: number,
    trainings: readonly FoundTraining[],
  ) {
    this.#sites = sites;
    this.#claimed = claimed;
    this.#subjects = subjects;
    this.#homes = homesOf(trainings);
  }

  of(
    kind: SiteKind,
    { call, role }: { readonly call: CallExpr; readonly role: Api['role'] },
  ): Site | null {
    if (this.#usesOf(kind).length === 0) return null;
    const { functionInfo, classInfo } = call.scope;
    for (const around of [functionInfo, classInfo]) {
      const inside = around && this.#inside(kind, around);
      if (inside && inside.length > 0) return this.#onlyOf(inside, kind);
    }
    // Loaders of one program make the batches of one loop; models are trained apart.
    if (role !== 'batches' && this.#subjects > 1) return null;
    const only = this.#onlyOne(kind);
    return only && !this.#isOfAnother(only, call) ? only : null;
  }

  /** Whether a number stands in a class or function that has a training of its own, and not this one. */
  #isOfAnother({ range }: Site, call: CallExpr): boolean {
    const [number, own] = [spanKey(range), placeKey(call)];
    return this.#homes.some(
      ({ start, end }) => start <= number && number <= end && !(start <= own && own <= end),
    );
  }

  /** One site; where several places set the same value, for all but the rate, their first. */
  #onlyOf(sites: readonly Site[], kind: SiteKind): Site | null {
    const [first] = sites;
    if (!first) return null;
    const same = (site: Site): boolean =>
      site === first || (kind !== 'learningRate' && site.value === first.value);
    return sites.every(same) ? first : null;
  }

  /** The only one in the whole program. */
  #onlyOne(kind: SiteKind): Site | null {
    let only = this.#only.get(kind);
    if (only === undefined) {
      const sites = this.#usesOf(kind).map(({ site }) => site);
      this.#only.set(kind, (only = this.#onlyOf(sites, kind)));
    }
    return only;
  }

  #inside(kind: SiteKind, around: Place): Site[] {
    const uses = this.#usesOf(kind);
    const start = placeKey(around);
    const end = start + around.to - around.from;
    let low = 0;
    let high = uses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((uses[middle]?.key ?? Infinity) < start) low = middle + 1;
      else high = middle;
    }
    const found: Site[] = [];
    for (let i = low; i < uses.length; i++) {
      const use = uses[i];
      if (!use || use.key > end || found.length > 8) break;
      found.push(use.site);
    }
    return found;
  }

  /** Where the numbers of a kind stand or are used, in order. */
  #usesOf(kind: SiteKind): Use[] {
    let uses = this.#uses.get(kind);
    if (!uses) {
      uses = [];
      for (const site of this.#sites) {
        if (site.kind !== kind || this.#claimed.has(site)) continue;
        uses.push({ key: spanKey(site.range), site });
        for (const span of site.uses) uses.push({ key: spanKey(span), site });
      }
      uses.sort((a, b) => a.key - b.key);
      this.#uses.set(kind, uses);
    }
    return uses;
  }
}
