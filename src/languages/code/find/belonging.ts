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

  /**
   * @param claimed what trainings are given themselves
   * @param subjects how many models are trained
   */
  constructor(sites: readonly Site[], claimed: ReadonlySet<Site>, subjects: number) {
    this.#sites = sites;
    this.#claimed = claimed;
    this.#subjects = subjects;
  }

  of(
    kind: SiteKind,
    { call, role }: { readonly call: CallExpr; readonly role: Api['role'] },
  ): Site | null {
    const { functionInfo, classInfo } = call.scope;
    for (const around of [functionInfo, classInfo]) {
      const inside = around && this.#inside(kind, around);
      if (inside && inside.length > 0) return this.#onlyOf(inside, kind);
    }
    // Loaders of one program make the batches of one loop; models are trained apart.
    if (role !== 'batches' && this.#subjects > 1) return null;
    return this.#onlyOf(
      this.#usesOf(kind).map(({ site }) => site),
      kind,
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

  #inside(kind: SiteKind, around: Place): Site[] {
    const uses = this.#usesOf(kind);
    const [start, end] = [placeKey(around), placeKey({ ...around, from: around.to })];
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
      uses = this.#sites
        .filter((site) => site.kind === kind && !this.#claimed.has(site))
        .flatMap((site) =>
          [site.range, ...site.uses].map((span) => ({ key: spanKey(span), site })),
        );
      uses.sort((a, b) => a.key - b.key);
      this.#uses.set(kind, uses);
    }
    return uses;
  }
}
