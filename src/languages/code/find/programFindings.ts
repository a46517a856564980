import { inTurn, type Clock } from '../../clock';
import { joined, moved } from '../../findings';
import { ProgramUses } from '../../programUses';
import { plainName } from '../../names';
import type { Findings, LayerCall, Library, Site } from '../../site';
import { BatchesApart } from './apart';
import { Assembly } from './assemble';
import {
  freeIn,
  haveOnlyOne,
  homesOf,
  onlyOnes,
  type Free,
  type ProgramFacts,
  type SitesFound,
} from './belonging';
import type { ChunkParts } from './chunkTrainings';
import { namesMicrobatch, sizesBeside } from './counting';
import { usesIn } from './homes';
import { looseTraining } from './looseTraining';
import { hasUnrated } from './optimizers';
import { loneCounting, regimeIn, shownLayers, type PartRegime } from './programRegime';
import { hangTogether } from './reach';
import type { Chunk } from '../read/syntax';

/** All that is known of a program. */
interface ProgramParts {
  readonly parts: readonly ChunkParts[];
  readonly library: Library | null;
  readonly tests: boolean;
}

/** What some chunks say that bears on the trainings of others. */
interface Offer extends PartRegime {
  readonly free: readonly Free[];
  readonly namesMicrobatch: boolean;
  readonly mayDropLast: boolean;
  /** The models that are trained, as they are written. */
  readonly models: readonly string[];
}

/** What was found in a chunk by itself, what it was made of, and where the chunk stood. */
interface Kept extends ChunkParts {
  readonly program: ProgramFacts;
  readonly offer: Offer;
  findings: Findings;
  cell: number;
  base: number;
}

/**
 * Makes a program's findings of what its chunks hold. Those of a chunk that stands alone are kept, and
 * at most moved, until the chunk changes, or what the whole program says about it.
 */
export class ProgramFindings {
  readonly #clock: Clock;
  readonly #kept = new WeakMap<Chunk, Kept>();
  #facts: ProgramFacts | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  *of(program: ProgramParts): Generator<undefined, Findings> {
    const { parts, library } = program;
    const groups = yield* this.#groupsIn(parts);
    const offers: Offer[] = [];
    for (const group of groups) {
      offers.push(yield* group.offer());
      if (this.#clock.isDue()) yield;
    }
    const facts = yield* this.#factsOf(program, groups, offers);
    if (this.#clock.isOver()) yield;
    const all: Findings[] = [];
    for (const group of groups) {
      all.push(this.#standing(group, facts) ?? (yield* this.#finish(group, facts)));
      if (this.#clock.isDue()) yield;
    }
    if (this.#clock.isOver()) yield;
    const found = yield* joined(all);
    const { sites, trainings, layers } = found;
    const lone = dividesBatch(library, sites) ? { ...facts.lone, dividesBatch: true } : facts.lone;
    yield;
    const shown = shownLayers(layers, parts);
    yield;
    return {
      ...found,
      trainings: trainings.length > 0 ? trainings : looseTraining(parts, library, sites, facts),
      layers: shown,
      ...(yield* usesOf(shown, parts)),
      ...(Object.values(lone).some(Boolean) ? { lone } : {}),
    };
  }

  /** Each chunk that stands alone, and all others together. */
  *#groupsIn(parts: readonly ChunkParts[]): Generator<undefined, Group[]> {
    const apart = yield* BatchesApart.in(parts);
    const together = yield* hangTogether(parts, apart, this.#clock);
    const rest: ChunkParts[] = [];
    const groups: Group[] = [];
    for (const part of parts) {
      if (together.has(part.chunk)) rest.push(part);
      else groups.push(new Group([part], true, this.#keptOf(part), apart, this.#clock));
    }
    groups.push(new Group(rest, false, null, apart, this.#clock));
    return groups;
  }

  #keptOf({ chunk, calls, numbers, trainings }: ChunkParts): Kept | null {
    const kept = this.#kept.get(chunk);
    return kept?.calls === calls && kept.numbers === numbers && kept.trainings === trainings
      ? kept
      : null;
  }

  /** The same object as before while the program says the same, and no number may be any training's. */
  *#factsOf(
    { parts, tests }: ProgramParts,
    groups: readonly Group[],
    offers: readonly Offer[],
  ): Generator<undefined, ProgramFacts> {
    const models = new Set<string>();
    const free: Free[] = [];
    for (const offer of offers) {
      for (const model of offer.models) models.add(model);
      free.push(...offer.free);
      yield;
    }
    const facts: ProgramFacts = {
      tests,
      manyModels: models.size > 1,
      mayDropLast: offers.some((offer) => offer.mayDropLast),
      lone: loneCounting(offers),
      besides: null,
      only: {},
      onlyDrops: null,
      hasOtherRate: false,
      homes: [],
    };
    yield;
    const named = offers.some((offer) => offer.namesMicrobatch);
    if (!named && !haveOnlyOne(free)) {
      if (!this.#facts || !areSame(this.#facts, facts)) this.#facts = facts;
      return this.#facts;
    }
    const found: SitesFound[] = [];
    for (const group of groups) found.push((yield* group.assembled()).found);
    yield;
    const besides = sizesBeside(found.flatMap(({ sites }) => sites));
    yield;
    const only = onlyOnes(found);
    yield;
    const size = only.batchSize;
    const maker = size && found.find(({ drops }) => drops.has(size));
    return {
      ...facts,
      besides: besides.microbatch === null ? null : besides,
      only,
      onlyDrops: (size && maker?.drops.get(size)) ?? null,
      hasOtherRate: only.learningRate !== undefined && hasUnrated(parts, only.learningRate),
      homes: homesOf(parts.flatMap(({ trainings }) => trainings)),
    };
  }

  /** What was found before, where it still holds, at the place where the chunk stands now. */
  #standing({ kept }: Group, facts: ProgramFacts): Findings | null {
    if (kept?.program !== facts) return null;
    const { cell, base } = kept.chunk;
    const by = base - kept.base;
    if (by !== 0 || cell !== kept.cell) {
      kept.findings = moved(kept.findings, ({ from, to }) => ({
        cell,
        from: from + by,
        to: to + by,
      }));
      kept.cell = cell;
      kept.base = base;
    }
    return kept.findings;
  }

  *#finish(group: Group, program: ProgramFacts): Generator<undefined, Findings> {
    const { parts, alone } = group;
    const offer = yield* group.offer();
    const assembly = yield* group.assembled();
    const findings = yield* assembly.findings(program);
    for (const part of alone ? parts : []) {
      const { cell, base } = part.chunk;
      this.#kept.set(part.chunk, { ...part, program, offer, findings, cell, base });
    }
    return findings;
  }
}

/**
 * Google's trainers in JAX go through the batch that is written in so many steps:
 * https://github.com/google-research/vision_transformer/blob/main/vit_jax/utils.py
 */
function dividesBatch(library: Library | null, sites: readonly Site[]): boolean {
  return (
    library === 'jax' &&
    sites.some(
      ({ kind, name }) => kind === 'accumulation' && plainName(name ?? '') === 'accumsteps',
    )
  );
}

/** What of a program tells whose model layers are that stand in several places. */
function* usesOf(
  layers: readonly LayerCall[],
  parts: readonly ChunkParts[],
): Generator<undefined, Pick<Findings, 'uses'>> {
  const homes = new Set(yield* inTurn(layers, ({ home }) => home));
  if (homes.size < 2) return {};
  return { uses: new ProgramUses(yield* inTurn(parts, ({ chunk }) => usesIn(chunk))) };
}

/** Chunks whose findings are made together. */
class Group {
  readonly #apart: BatchesApart;
  readonly #clock: Clock;
  #assembly: Assembly | null = null;
  #offer: Offer | null = null;

  /**
   * @param alone whether it is one chunk, which stands alone
   * @param kept what was found in that before; null where it does not hold
   */
  constructor(
    readonly parts: readonly ChunkParts[],
    readonly alone: boolean,
    readonly kept: Kept | null,
    apart: BatchesApart,
    clock: Clock,
  ) {
    this.#apart = apart;
    this.#clock = clock;
  }

  /** The sites of all of them; trainings follow. */
  *assembled(): Generator<undefined, Assembly> {
    if (!this.#assembly) {
      const assembly = new Assembly(this.parts, this.#apart, this.#clock);
      yield* assembly.findSites();
      this.#assembly = assembly;
    }
    return this.#assembly;
  }

  *offer(): Generator<undefined, Offer> {
    this.#offer ??= this.kept?.offer ?? offerOf(this.parts, (yield* this.assembled()).found);
    return this.#offer;
  }
}

function offerOf(parts: readonly ChunkParts[], found: SitesFound): Offer {
  const { sites } = found;
  return {
    ...regimeIn(parts, sites),
    free: freeIn(found),
    namesMicrobatch: sites.some(namesMicrobatch),
    mayDropLast: parts.some(({ numbers }) => numbers.mayDropLast),
    models: [...new Set(parts.flatMap(({ trainings }) => trainings.map(({ subject }) => subject)))],
  };
}

function areSame(a: ProgramFacts, b: ProgramFacts): boolean {
  return (
    a.tests === b.tests &&
    a.manyModels === b.manyModels &&
    a.mayDropLast === b.mayDropLast &&
    a.lone.draws === b.lone.draws &&
    a.lone.scalesRate === b.lone.scalesRate &&
    a.lone.countsUpdates === b.lone.countsUpdates &&
    a.lone.setsSteps === b.lone.setsSteps
  );
}
