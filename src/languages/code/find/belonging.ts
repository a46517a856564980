import type { Counting, LoneCounting, Site, SiteKind } from '../../site';
import type { Api } from '../knowledge/api';
import type { CallExpr, Place } from '../read/syntax';
import type { FoundTraining } from './chunkTrainings';
import { placeKey, spanKey } from './places';

interface Use {
  readonly key: number;
  readonly site: Site;
}

/** Whether a last batch that is not full is left out. */
export type Drop = boolean | 'maybe';

/** The sites of some chunks. */
export interface SitesFound {
  readonly sites: readonly Site[];
  /** Those that trainings are given themselves. */
  readonly claimed: ReadonlySet<Site>;
  /** What the calls that make batches of a size do with the last one. */
  readonly drops: ReadonlyMap<Site, Drop>;
}

/** From where to where a class or a function goes in the program. */
interface Home {
  readonly start: number;
  readonly end: number;
}

/** What a whole program says that bears on each of its trainings. */
export interface ProgramFacts {
  readonly tests: boolean;
  /** Whether it trains several models, as they are written. */
  readonly manyModels: boolean;
  /** Whether it gives a flag anywhere by which some last batch may be left out. */
  readonly mayDropLast: boolean;
  /** What it does with batch sizes, wherever they stand. */
  readonly lone: LoneCounting;
  /** The sizes of an update and of a microbatch, where it names both. */
  readonly besides: Pick<Counting, 'global' | 'microbatch'> | null;
  /** Numbers that are the only one of their kind and that no training is given itself, */
  readonly only: Partial<Record<SiteKind, Site>>;
  /** what becomes of the last batch of such a size, */
  readonly onlyDrops: Drop | null;
  /** whether beside the optimizer of such a rate another takes its library's own, */
  readonly hasOtherRate: boolean;
  /** and the classes and functions that trainings stand in, where there are such numbers. */
  readonly homes: readonly Home[];
}

/** The classes and functions that trainings stand in. */
export function homesOf(trainings: readonly FoundTraining[]): Home[] {
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
  readonly #found: SitesFound;
  readonly #program: ProgramFacts;
  readonly #uses = new Map<SiteKind, Use[]>();

  constructor(found: SitesFound, program: ProgramFacts) {
    this.#found = found;
    this.#program = program;
  }

  of(
    kind: SiteKind,
    { call, role }: { readonly call: CallExpr; readonly role: Api['role'] },
  ): Site | null {
    const { functionInfo, classInfo } = call.scope;
    for (const around of [functionInfo, classInfo]) {
      const inside = around && this.#inside(kind, around);
      if (inside && inside.length > 0) return onlyOf(inside, kind);
    }
    // Loaders of one program make the batches of one loop; models are trained apart.
    if (role !== 'batches' && this.#program.manyModels) return null;
    const only = this.#program.only[kind];
    return only && !this.#isOfAnother(only, call) ? only : null;
  }

  /** Whether a number stands in a class or function that has a training of its own, and not this one. */
  #isOfAnother({ range }: Site, call: CallExpr): boolean {
    const [number, own] = [spanKey(range), placeKey(call)];
    return this.#program.homes.some(
      ({ start, end }) => start <= number && number <= end && !(start <= own && own <= end),
    );
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

  #usesOf(kind: SiteKind): readonly Use[] {
    let uses = this.#uses.get(kind);
    if (!uses) this.#uses.set(kind, (uses = usesOf(kind, [this.#found])));
    return uses;
  }
}

/** Where the numbers of a kind that no training is given itself stand or are used, in order. */
function usesOf(kind: SiteKind, all: readonly SitesFound[]): Use[] {
  const uses: Use[] = [];
  for (const { sites, claimed } of all) {
    for (const site of sites) {
      if (site.kind !== kind || claimed.has(site)) continue;
      uses.push({ key: spanKey(site.range), site });
      for (const span of site.uses) uses.push({ key: spanKey(span), site });
    }
  }
  return uses.sort((a, b) => a.key - b.key);
}

/**
 * One site; where several places set the same value, for all but the rate, their first. Beside
 * microbatches, the size of the whole update is the training's.
 */
function onlyOf(all: readonly Site[], kind: SiteKind): Site | null {
  const whole = all.filter(({ counts }) => counts === 'global');
  const parts = all.filter(({ counts }) => counts === 'microbatch');
  const sites = whole.length > 0 && whole.length + parts.length === all.length ? whole : all;
  const [first] = sites;
  return first && sites.every((site) => site === first || areAlike(kind, site.value, first.value))
    ? first
    : null;
}

function areAlike(kind: SiteKind, a: number | null, b: number | null): boolean {
  return kind !== 'learningRate' && a === b;
}

/** Kinds of numbers that may belong to a training that is not given them. */
const belongingKinds = ['batchSize', 'epochs', 'accumulation', 'learningRate'] as const;

/** The numbers that are the only one of their kind, of those that no training is given itself. */
export function onlyOnes(all: readonly SitesFound[]): Partial<Record<SiteKind, Site>> {
  const only: Partial<Record<SiteKind, Site>> = {};
  for (const kind of belongingKinds) {
    const site = onlyOf(
      usesOf(kind, all).map((use) => use.site),
      kind,
    );
    if (site) only[kind] = site;
  }
  return only;
}

/** What some numbers of a kind that no training is given itself are: one number, or as good as one, or not. */
export interface Free {
  readonly kind: SiteKind;
  readonly value: number | null;
  alike: boolean;
}

export function freeIn({ sites, claimed }: SitesFound): readonly Free[] {
  return mergedFree(
    sites.flatMap((site) =>
      claimed.has(site) ? [] : [{ kind: site.kind, value: site.value, alike: true }],
    ),
  );
}

/** Whether some number of all these is the only one of its kind. */
export function haveOnlyOne(all: Iterable<Free>): boolean {
  return mergedFree(all).some(
    ({ kind, alike }) => alike && belongingKinds.some((known) => known === kind),
  );
}

function mergedFree(all: Iterable<Free>): Free[] {
  const merged = new Map<SiteKind, Free>();
  for (const { kind, value, alike } of all) {
    const before = merged.get(kind);
    if (before) before.alike &&= alike && areAlike(kind, before.value, value);
    else merged.set(kind, { kind, value, alike });
  }
  return [...merged.values()];
}
