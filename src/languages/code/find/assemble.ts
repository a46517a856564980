import { inTurn, type Clock } from '../../clock';
import {
  siteKinds,
  type Call,
  type Counting,
  type Findings,
  type Hint,
  type LayerCall,
  type Library,
  type Site,
  type SiteKind,
  type Training,
} from '../../site';
import { SiteBuilder, compareSpans } from '../../siteBuilder';
import type { BatchesApart } from './apart';
import { Belonging, type Drop, type ProgramFacts, type SitesFound } from './belonging';
import { describeCall } from './describe';
import { addDrop, lastBatchOf } from './lastBatches';
import { homeOfLayer } from './homes';
import { hasUnrated } from './optimizers';
import { countLone, layersSeen } from './programRegime';
import { placeKey, spanOf } from './places';
import type { Api } from '../knowledge/api';
import type { ChunkNumbers, NumbersByKind } from './chunkStages';
import type { ChunkParts, FoundTraining } from './chunkTrainings';
import { placed, type InsertionsByKind } from './insertions';
import { addition } from './lastBatch';
import { familyOf } from '../knowledge/layers';
import { ranks, type OwnNumber } from './ownNumbers';
import type { FoundNumber } from './recorder';
import type { CallExpr, Chunk } from '../read/syntax';

/**
 * Puts together what chunks hold, at the places where they stand now. All that the chunks say about
 * numbers is about numbers in one of them.
 */
export class Assembly {
  readonly #parts: readonly ChunkParts[];
  readonly #clock: Clock;
  readonly #builder = new SiteBuilder();
  readonly #inferences = new SiteBuilder();
  readonly #stored = new Set<number>();
  readonly #described = new Map<CallExpr, Call>();
  readonly #numbers = new Map<Chunk, ChunkNumbers>();
  readonly #apart: BatchesApart;
  readonly #otherwise = new Set<CallExpr>();
  #found: SitesFound = { sites: [], claimed: new Set(), drops: new Map() };

  constructor(parts: readonly ChunkParts[], apart: BatchesApart, clock: Clock) {
    this.#parts = parts;
    this.#apart = apart;
    this.#clock = clock;
  }

  /** The numbers, as far as they are known without the trainings. */
  get found(): SitesFound {
    return this.#found;
  }

  /** Makes the sites: the first step. */
  *findSites(): Generator<undefined> {
    for (const { chunk, numbers } of this.#parts) {
      this.#numbers.set(chunk, numbers);
      for (const place of numbers.stored) this.#stored.add(placeKey(place));
      for (const call of numbers.otherwise) this.#otherwise.add(call);
    }
    yield* this.#addAll();
    yield;
    countLone(this.#builder.all(), this.#parts);
    for (const { numbers } of this.#parts)
      for (const number of numbers.inferences) if (!this.#site(number)) this.#addInference(number);
    const claimed = yield* this.#claimed();
    this.#found = { sites: this.#builder.all(), claimed, drops: this.#drops() };
  }

  /** Makes the trainings, by what the whole program says: the second step. */
  *findings(program: ProgramFacts): Generator<undefined, Findings> {
    const trainings = yield* this.#trainings(program);
    const layers = yield* inTurn(this.#parts, ({ calls }) =>
      layersSeen(calls, program.tests).map(({ call, className, written }): LayerCall => ({
        ...{ className, written, family: familyOf(className) },
        range: spanOf(call),
        home: homeOfLayer(call),
      })),
    );
    const hints = this.#parts.flatMap(({ chunk }) =>
      chunk.hints.map((hint): Hint => ({ samples: hint.samples, range: spanOf(hint) })),
    );
    const inferences = this.#inferences.all();
    return { sites: this.#builder.all(), inferences, trainings, layers: layers.flat(), hints };
  }

  *#addAll(): Generator<undefined> {
    const weighed: FoundNumber[][] = Array.from({ length: ranks }, () => []);
    const elsewhere = new Set<number>();
    for (const { numbers } of this.#parts)
      for (const { number } of numbers.told.others) elsewhere.add(placeKey(number.at));
    for (const { numbers } of this.#parts) {
      const { told } = numbers;
      for (const own of told.own) {
        const key = placeKey(own.number.at);
        const doubtful =
          (own.unlessStored && this.#stored.has(key)) ||
          (!this.#apart.isEmpty && own.told.some(({ number }) => this.#apart.has(number)));
        if (elsewhere.has(key) || doubtful)
          for (const { rank, number } of own.told) weighed[rank]?.push(number);
        else this.#addOwn(own);
      }
      for (const { rank, number } of told.others) weighed[rank]?.push(number);
      if (this.#clock.isDue()) yield;
    }
    for (const list of weighed) {
      for (const number of list) {
        this.#add(number);
        if (this.#clock.isDue()) yield;
      }
    }
  }

  /** A number that no other chunk says anything about. */
  #addOwn({ number, named, uses, call, counts }: OwnNumber): void {
    const { kind, value, at, quote } = number;
    this.#builder.put({
      kind,
      value,
      range: spanOf(at),
      name: named?.name ?? null,
      nameRange: named && spanOf(named.at),
      uses: uses.map(spanOf),
      call: call && this.#describe(call.call, call.library),
      spelling: quote === null || value === null ? null : { quote },
      counts,
    });
  }

  #add(number: FoundNumber): Site | null {
    const { at, unlessStored } = number;
    if (this.#apart.has(number)) return null;
    if (unlessStored && this.#stored.has(placeKey(at))) return null;
    return this.#addTo(this.#builder, number);
  }

  /** A number that is no site of a training. */
  #addInference(number: FoundNumber): void {
    if (number.value !== null) this.#addTo(this.#inferences, number);
  }

  #addTo(builder: SiteBuilder, number: FoundNumber): Site | null {
    const { kind, value, at, quote, named, use, call, counts } = number;
    return builder.add(
      {
        kind,
        value,
        range: spanOf(at),
        quote,
        name: named?.name ?? null,
        nameRange: named && spanOf(named.at),
        counts,
      },
      use && spanOf(use),
      call && this.#describe(call.call, call.library),
    );
  }

  /** The site that a number became. */
  #site(number: FoundNumber): Site | null {
    return this.#builder.find(number.kind, spanOf(number.at));
  }

  #describe(call: CallExpr, library: Library): Call {
    let known = this.#described.get(call);
    if (known?.library !== library) {
      known = describeCall(call, library);
      this.#described.set(call, known);
    }
    return known;
  }

  /** What trainings are given themselves, which belongs to no other. */
  *#claimed(): Generator<undefined, Set<Site>> {
    const claimed = new Set<Site>();
    for (const { trainings } of this.#parts) {
      for (const { own, api, optimizers } of trainings) {
        if (api.role === 'batches') continue;
        for (const kind of siteKinds) this.#claim(claimed, own[kind]);
        for (const call of optimizers ?? [])
          this.#claim(claimed, this.#givenTo(call)?.learningRate);
      }
      if (this.#clock.isDue()) yield;
    }
    return claimed;
  }

  #claim(claimed: Set<Site>, number: FoundNumber | undefined): void {
    const site = number && this.#site(number);
    // A constant may be meant for several.
    if (site?.uses.some(({ from }) => from === site.range.from)) claimed.add(site);
  }

  #drops(): Map<Site, Drop> {
    const drops = new Map<Site, Drop>();
    for (const { numbers } of this.#parts) {
      for (const [call, drop] of numbers.drops) {
        const number = numbers.byCall.get(call)?.batchSize;
        addDrop(drops, number ? this.#site(number) : null, drop);
      }
    }
    return drops;
  }

  /** One training per call that trains; where none does, per call that makes its batches or settings. */
  *#trainings(program: ProgramFacts): Generator<undefined, Training[]> {
    const belonging = new Belonging(this.#found, program);
    const trainings: Training[] = [];
    for (const part of this.#parts) {
      for (const found of part.trainings)
        if (!this.#apart.calls.has(found.call))
          trainings.push(this.#training(found, program, belonging));
      if (part.trainings.length > 0 && this.#clock.isDue()) yield;
    }
    return trainings.sort((a, b) => compareSpans(a.call.range, b.call.range));
  }

  #training(found: FoundTraining, program: ProgramFacts, belonging: Belonging): Training {
    const { call, api, own, insertions, automatic } = found;
    // What is written is the rate of another size.
    const { scalesRate } = program.lone;
    const ownSite = (kind: SiteKind): Site | null => {
      const number = own[kind];
      return number ? this.#site(number) : null;
    };
    const datasetSize = found.samples && this.#add(found.samples);
    const ownBatch = found.automaticSize ? this.#add(found.automaticSize) : ownSite('batchSize');
    const place = { call, role: api.role };
    const elsewhere =
      insertions.batchSize ||
      automatic !== null ||
      api.library === 'sklearn' ||
      this.#otherwise.has(call)
        ? null
        : belonging.of('batchSize', place);
    const batchSize =
      known(ownBatch) ??
      this.#batchesOf(found.makers) ??
      (api.role === 'batches' ? known(elsewhere) : elsewhere) ??
      ownBatch;
    return {
      call: this.#describe(call, api.library),
      batchSize,
      // A library's own default is certain.
      epochs:
        ownSite('epochs') ??
        (insertions.epochs || found.givenEpochs ? null : belonging.of('epochs', place)),
      datasetSize: datasetSize ?? ownSite('datasetSize'),
      accumulation: ownSite('accumulation') ?? belonging.of('accumulation', place),
      learningRate: scalesRate
        ? null
        : (ownSite('learningRate') ?? this.#rateOf(found, place, program, belonging)),
      validationSplit: found.validationSplit,
      ...lastBatchOf(found, batchSize, this.#found, program),
      ...(found.missingFlag ? { droppingLast: addition(found.missingFlag) } : {}),
      counting: counted(found, program),
      makers: found.modelMakers,
      insertions: placed(program.besides?.global ? unaccumulated(insertions) : insertions, call),
    };
  }

  /** The rate of the model's own optimizer where that is seen, else the one that can only be its. */
  #rateOf(
    { optimizers }: Pick<FoundTraining, 'optimizers'>,
    place: { readonly call: CallExpr; readonly role: Api['role'] },
    { only: onlyOnes, hasOtherRate }: ProgramFacts,
    belonging: Belonging,
  ): Site | null {
    if (!optimizers) {
      const rate = belonging.of('learningRate', place);
      if (!rate) return null;
      // The program's only rate may stand, and have others beside it, in other chunks.
      const isOnly = rate === onlyOnes.learningRate;
      return (isOnly ? hasOtherRate : hasUnrated(this.#parts, rate)) ? null : rate;
    }
    const sites = optimizers.map((call) => {
      const number = this.#givenTo(call)?.learningRate;
      return number ? this.#site(number) : null;
    });
    const [only] = sites;
    return sites.length === 1 ? (only ?? null) : null;
  }

  /** What a known call is given. */
  #givenTo(call: CallExpr): NumbersByKind | undefined {
    return this.#numbers.get(call.chunk)?.byCall.get(call);
  }

  /** The batch size that a call of no known library is given. */
  #keywordOf(call: CallExpr): FoundNumber | undefined {
    return this.#numbers.get(call.chunk)?.keywords.findLast((number) => number.call?.call === call);
  }

  /** The batch size of the dataset a training is given. */
  #batchesOf(makers: readonly CallExpr[]): Site | null {
    for (const call of makers) {
      const number = this.#givenTo(call)?.batchSize ?? this.#keywordOf(call);
      const site = number && this.#site(number);
      if (site) return site;
    }
    return null;
  }
}

/** Where both are written, accumulation follows from the sizes of an update and its microbatch. */
function unaccumulated(insertions: InsertionsByKind): InsertionsByKind {
  const others = { ...insertions };
  delete others.accumulation;
  return others;
}

/** A batch size whose value is only known where it stands is no other call's. */
function known(site: Site | null): Site | null {
  return site && site.value !== null ? site : null;
}

/** How updates are counted, by the call and by the rest of the program. */
function counted(
  { counting, automatic, api, own }: FoundTraining,
  program: ProgramFacts,
): Counting {
  const { besides, lone } = program;
  // Arrays that a training is given are a data set.
  const isGivenData = api.role === 'trains' && own.batchSize !== undefined;
  const draws = lone.draws && !isGivenData;
  const setsSteps = counting.setsSteps || (lone.setsSteps && !isGivenData);
  const { scalesRate, countsUpdates } = lone;
  const plain = !besides && automatic === null && !draws && !scalesRate && !countsUpdates;
  if (plain && setsSteps === counting.setsSteps) return counting;
  const beside = { ...besides, draws, scalesRate, countsUpdates, setsSteps };
  return { ...counting, ...beside, automatic: automatic ?? counting.automatic };
}
