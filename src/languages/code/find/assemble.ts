import type { Clock } from '../../clock';
import {
  plainCounting,
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
import { batchesApart } from './apart';
import { sizesBeside } from './counting';
import { Belonging, subjectsOf } from './belonging';
import { LastBatches } from './lastBatches';
import { layersSeen, loneCounting, shownLayers } from './programRegime';
import { placeKey, spanOf } from './places';
import type { Api } from '../knowledge/api';
import type { ChunkNumbers, NumbersByKind } from './chunkStages';
import type { FoundTraining, Parts } from './chunkTrainings';
import { placed } from './insertions';
import { addition } from './lastBatch';
import { familyOf, writtenName } from '../knowledge/layers';
import { ranks, type OwnNumber } from './ownNumbers';
import type { FoundNumber } from './recorder';
import type { CallExpr, Chunk, Loop, Place } from '../read/syntax';

/** Puts together what the chunks hold, at the places where they stand now. */
export class Assembly {
  readonly #parts: Parts;
  readonly #clock: Clock;
  readonly #builder = new SiteBuilder();
  readonly #inferences = new SiteBuilder();
  readonly #stored = new Set<number>();
  readonly #described = new Map<CallExpr, Call>();
  readonly #numbers = new Map<Chunk, ChunkNumbers>();
  /** Calls that make batches which no training is given. */
  readonly #apart: ReadonlySet<CallExpr>;
  readonly #otherwise = new Set<CallExpr>();
  /** The sizes of an update and of a microbatch, where the program names both. */
  #besides: Partial<Counting> = {};
  #tellsBesides = false;
  readonly #lastBatches: LastBatches;
  /** What the program does with batch sizes, wherever they stand. */
  #lone = { draws: false, scalesRate: false };

  constructor(parts: Parts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
    this.#apart = batchesApart(parts);
    const { numbers } = parts;
    this.#lastBatches = new LastBatches(numbers.some((chunk) => chunk.mayDropLast));
  }

  *findings(): Generator<undefined, Findings> {
    const { chunks, calls, numbers } = this.#parts;
    for (const chunk of numbers) {
      for (const place of chunk.stored) this.#stored.add(placeKey(place));
      for (const call of chunk.otherwise) this.#otherwise.add(call);
    }
    yield* this.#addAll();
    this.#lone = loneCounting(this.#parts, this.#builder.all());
    for (const chunk of numbers)
      for (const number of chunk.inferences) if (!this.#site(number)) this.#addInference(number);
    const trainings = yield* this.#trainings();
    yield* this.#pause();
    const layers = calls.flatMap((chunk) =>
      layersSeen(chunk, this.#parts).map(({ call, className, written }): LayerCall => ({
        ...{ className, written, family: familyOf(className) },
        range: spanOf(call),
      })),
    );
    const hints = chunks.flatMap((chunk) =>
      chunk.hints.map((hint): Hint => ({ samples: hint.samples, range: spanOf(hint) })),
    );
    return {
      sites: this.#builder.all(),
      inferences: this.#inferences.all(),
      trainings,
      layers: shownLayers(layers, calls).sort((a, b) => compareSpans(a.range, b.range)),
      hints: hints.sort((a, b) => compareSpans(a.range, b.range)),
      ...(this.#lone.draws || this.#lone.scalesRate ? { lone: this.#lone } : {}),
    };
  }

  /** Between steps that go through all there is. */
  *#pause(): Generator<undefined> {
    if (this.#clock.isOver()) yield;
  }

  *#addAll(): Generator<undefined> {
    const { numbers } = this.#parts;
    const weighed: FoundNumber[][] = Array.from({ length: ranks }, () => []);
    const elsewhere = new Set<number>();
    for (const { told } of numbers)
      for (const { number } of told.others) elsewhere.add(placeKey(number.at));
    for (const { told } of numbers) {
      for (const own of told.own) {
        const key = placeKey(own.number.at);
        const doubtful =
          (own.unlessStored && this.#stored.has(key)) ||
          (this.#apart.size > 0 && own.told.some(({ number }) => this.#isApart(number)));
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

  #isApart({ kind, call }: FoundNumber): boolean {
    return kind === 'batchSize' && call !== null && this.#apart.has(call.call);
  }

  #add(number: FoundNumber): Site | null {
    const { at, unlessStored } = number;
    if (this.#isApart(number)) return null;
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
      const { chunk, callee } = call;
      const from = callee.type === 'member' ? callee.propertyAt.from : callee.from;
      const nameRange = spanOf({ chunk, from, to: callee.to });
      known = { name: shortName(call), range: spanOf(call), nameRange, library };
      this.#described.set(call, known);
    }
    return known;
  }

  /** One training per call that trains; where none does, per call that makes its batches or settings. */
  *#trainings(): Generator<undefined, Training[]> {
    for (const [index, numbers] of this.#parts.numbers.entries()) {
      const chunk = this.#parts.chunks[index];
      if (chunk) this.#numbers.set(chunk, numbers);
    }
    const all = this.#parts.trainings.flat();
    yield* this.#pause();
    this.#besides = sizesBeside(this.#builder.all());
    this.#tellsBesides = Object.values(this.#besides).some((size) => size !== null);
    for (const { drops, byCall } of this.#parts.numbers)
      for (const [call, drop] of drops) {
        const number = byCall.get(call)?.batchSize;
        this.#lastBatches.add(number ? this.#site(number) : null, drop);
      }
    yield* this.#pause();
    const claimed = yield* this.#claimed(all);
    const belonging = new Belonging(this.#builder.all(), claimed, subjectsOf(all), all);
    yield* this.#pause();
    const trainings: Training[] = [];
    for (const chunk of this.#parts.trainings) {
      for (const found of chunk) trainings.push(this.#training(found, belonging));
      if (chunk.length > 0 && this.#clock.isDue()) yield;
    }
    if (trainings.length === 0) trainings.push(...this.#looseTraining());
    return trainings.sort((a, b) => compareSpans(a.call.range, b.call.range));
  }

  /** What trainings are given themselves, which belongs to no other. */
  *#claimed(all: readonly FoundTraining[]): Generator<undefined, Set<Site>> {
    const claimed = new Set<Site>();
    for (const { own, api, optimizers } of all) {
      if (api.role === 'batches') continue;
      const rates = (optimizers ?? []).map((call) => this.#givenTo(call)?.learningRate);
      for (const number of [...Object.values(own), ...rates]) {
        const site = number && this.#site(number);
        // A constant may be meant for several.
        if (site && site.uses.some(({ from }) => from === site.range.from)) claimed.add(site);
      }
      if (this.#clock.isDue()) yield;
    }
    return claimed;
  }

  #training(training: FoundTraining, belonging: Belonging): Training {
    const { call, api, own, ...found } = training;
    // What is written is the rate of another size.
    const { scalesRate } = this.#lone;
    const ownSite = (kind: SiteKind): Site | null => {
      const number = own[kind];
      return number ? this.#site(number) : null;
    };
    const datasetSize = found.samples && this.#add(found.samples);
    const { insertions, automatic, counting } = found;
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
        : (ownSite('learningRate') ?? this.#rateOf(found, place, belonging)),
      validationSplit: found.validationSplit,
      ...this.#lastBatches.of(training, batchSize),
      ...(found.missingFlag ? { droppingLast: addition(found.missingFlag) } : {}),
      counting: this.#counted(counting, automatic, training),
      insertions: placed(insertions, call),
    };
  }

  #counted(counting: Counting, automatic: string | null, { api, own }: FoundTraining): Counting {
    const { scalesRate } = this.#lone;
    // Arrays that a training is given are a data set.
    const draws = this.#lone.draws && !(api.role === 'trains' && own.batchSize);
    const plain = !this.#tellsBesides && automatic === null && !draws && !scalesRate;
    if (plain) return counting;
    const beside = { ...this.#besides, draws, scalesRate };
    return { ...counting, ...beside, automatic: automatic ?? counting.automatic };
  }

  /** The rate of the model's own optimizer where that is seen, else the one that can only be its. */
  #rateOf(
    { optimizers }: Pick<FoundTraining, 'optimizers'>,
    place: { readonly call: CallExpr; readonly role: Api['role'] },
    belonging: Belonging,
  ): Site | null {
    if (!optimizers) return belonging.of('learningRate', place);
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

  /** A training loop written out, with batches of its own making: named after the loop over epochs. */
  #looseTraining(): Training[] {
    const builder = this.#builder;
    const batchSize = builder.only('batchSize') ?? this.#microbatch();
    if (!batchSize || this.#parts.library === null) return [];
    const call = this.#loopCall(this.#parts.library);
    if (!call) return [];
    return [
      {
        call,
        batchSize,
        epochs: builder.only('epochs'),
        datasetSize: builder.only('datasetSize'),
        accumulation: builder.only('accumulation'),
        learningRate: this.#lone.scalesRate ? null : builder.single('learningRate'),
        validationSplit: null,
        counting: { ...plainCounting, ...this.#besides, ...this.#lone },
        ...this.#lastBatches.doubt,
        insertions: {},
      },
    ];
  }

  /** Of a global size and its microbatch, the latter: accumulation multiplies it. */
  #microbatch(): Site | null {
    const { microbatch = null } = this.#besides;
    const isMicrobatch = ({ counts, value }: Site): boolean =>
      counts === 'microbatch' && value === microbatch;
    return microbatch === null ? null : (this.#builder.all().find(isMicrobatch) ?? null);
  }

  #loopCall(library: Library): Call | null {
    const loops = this.#parts.numbers.flatMap(({ epochLoops }) => epochLoops);
    const loop = first(loops);
    if (loop) return describeLoop(loop, library);
    const calls = this.#parts.calls.flatMap(({ backward }) => (backward ? [backward] : []));
    const backward = first(calls);
    return backward && this.#describe(backward, library);
  }
}

/** A batch size whose value is only known where it stands is no other call's. */
function known(site: Site | null): Site | null {
  return site && site.value !== null ? site : null;
}

function describeLoop(loop: Loop, library: Library): Call {
  const { chunk, from, variable } = loop;
  const nameRange = spanOf({ chunk, from, to: from + 3 });
  return { name: `for ${variable}`, range: spanOf(loop), nameRange, library };
}

function first<T extends Place>(places: readonly T[]): T | null {
  const starts = places.map(placeKey);
  return places[starts.indexOf(Math.min(...starts))] ?? null;
}

const shortNames = new WeakMap<CallExpr, string>();

/** `model.fit` of `this.state.model.fit`; `DataLoader` of `torch.utils.data.DataLoader`. */
function shortName(call: CallExpr): string {
  let name = shortNames.get(call);
  if (name === undefined) shortNames.set(call, (name = shorten(call)));
  return name;
}

function shorten(call: CallExpr): string {
  const parts = writtenName(call).split('.');
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2);
  const start = last.charAt(0);
  const type = start !== start.toLowerCase();
  if (before !== undefined && !type) return `${before}.${last}`;
  return last === 'batch' ? 'dataset.batch' : last;
}
