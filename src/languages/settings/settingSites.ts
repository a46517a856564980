import type { BatchCount } from '../../core/batches/updates';
import { inTurn } from '../clock';
import { isLooseSampleCount } from '../names';
import type { SiteBuilder } from '../siteBuilder';
import type { Call, Counting, Library, Site, SiteKind, Span, Training } from '../site';
import type { FoundInTree, PlacedSite, Setting } from './foundSettings';
import { countingOf, countsInSettings } from './counting';
import { readerOf } from './readers';
import type { At, Entry, Mapping } from './settingsTree';
import { libraryOf } from './trainingKeys';

/** Where something stands in the document. */
export function span({ part, from, to }: At): Span {
  return { cell: 0, from: part.base + from, to: part.base + to };
}

/**
 * Adds the sites of a configuration that trains.
 * @param inferences takes the batch sizes of evaluations
 */
export function* trainingsIn(
  found: FoundInTree,
  builder: SiteBuilder,
  inferences: SiteBuilder,
): Generator<undefined, Training[]> {
  const { settings, keys, said, dropsLast } = found;
  const library = libraryOf(keys);
  const placing = new Placing(library, keys, said, builder);
  const nearness = new Nearness();
  const batches: { readonly setting: Setting; readonly placed: PlacedSite }[] = [];
  for (const setting of settings) {
    yield;
    if (setting.elsewhere === 'evaluation' && setting.kind === 'batchSize')
      addSite(inferences, setting, placing.callOf(setting));
    const placed = counts(setting) ? placing.place(setting) : null;
    if (!placed) continue;
    nearness.add(setting, placed.site);
    if (setting.kind === 'batchSize') batches.push({ setting, placed });
  }
  const counting = countingOf(found);
  const reader = readerOf(keys);
  return yield* inTurn(batches, ({ setting, placed: { call, site } }) => {
    const nearest = (kind: SiteKind): Site | null => nearness.nearest(setting, kind);
    const training: Training = {
      call,
      batchSize: site,
      // Beside them, `max_epochs` counts rollouts.
      epochs: keys.has('miniepochs') ? null : nearest('epochs'),
      datasetSize: nearest('datasetSize'),
      accumulation: isWorkedOut(counting, library) ? null : nearest('accumulation'),
      learningRate: counting.scalesRate ? null : nearest('learningRate'),
      validationSplit: null,
      // Parts of a batch that a trainer works out itself.
      counting:
        site.counts === 'microbatch' && reader ? { ...counting, accumulates: true } : counting,
      readElsewhere: call.library === 'unknown' && !reader,
      insertions: {},
    };
    if (dropsLast) return { ...training, dropsLast };
    return dropsLast === false ? { ...training, keepsLast: true } : training;
  });
}

/**
 * Whether accumulation follows from the sizes of an update and of a microbatch, whatever
 * `accumulate_grad_batches` says: https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/nlp/nemo_megatron/batching.html
 */
function isWorkedOut({ global, microbatch }: Counting, library: Library): boolean {
  return library === 'lightning' && global !== null && microbatch !== null;
}

interface Near {
  readonly setting: Setting;
  readonly site: Site;
}

/** Which settings belong to which batch size, by where they stand in the tree. */
class Nearness {
  /** The settings under an entry, or in the whole document (null), by kind; two of each are enough. */
  readonly #under = new Map<Entry | null, Partial<Record<SiteKind, Near[]>>>();
  readonly #beside = new Map<Mapping, Partial<Record<SiteKind, Site>>>();

  add(setting: Setting, site: Site): void {
    const { kind, section, path } = setting;
    let near = this.#beside.get(section);
    if (!near) this.#beside.set(section, (near = {}));
    near[kind] ??= site;
    for (const entry of [null, ...path]) {
      let kinds = this.#under.get(entry);
      if (!kinds) this.#under.set(entry, (kinds = {}));
      const all = (kinds[kind] ??= []);
      if (all.length < 2) all.push({ setting, site });
    }
  }

  /** What a section takes over from another: `<<: *defaults`. */
  #merged({ entries }: Mapping, kind: SiteKind): Site | null {
    const value = entries.find(({ key }) => key === '<<')?.value;
    return value?.type === 'mapping' ? (this.#beside.get(value)?.[kind] ?? null) : null;
  }

  /**
   * What stands beside a batch size; else the only one in the nearest section around it that holds
   * any, unless another batch size is nearer to that.
   */
  nearest({ section, path }: Setting, kind: SiteKind): Site | null {
    const beside = this.#beside.get(section)?.[kind] ?? this.#merged(section, kind);
    if (beside) return beside;
    for (let depth = path.length; depth >= 0; depth--) {
      const found = this.#under.get(path[depth - 1] ?? null)?.[kind];
      if (!found) continue;
      const [only] = found;
      if (!only || found.length > 1) return null;
      const inside = only.setting.path.slice(depth);
      const another =
        this.#beside.get(only.setting.section)?.batchSize ??
        inside.find((entry) => this.#under.get(entry)?.batchSize);
      return another ? null : only.site;
    }
    return null;
  }
}

function counts({ elsewhere, kind, entry, scalar }: Setting): boolean {
  const few = kind === 'datasetSize' && (scalar.value ?? 0) < 50;
  return elsewhere === null && !(few && isLooseSampleCount(entry.key));
}

/** Makes sites of settings; what an edit did not move stays the same object. */
class Placing {
  readonly #library: Library;
  readonly #keys: ReadonlySet<string>;
  readonly #said: FoundInTree['said'];
  readonly #builder: SiteBuilder;
  #last: { readonly setting: Setting; readonly call: Call } | null = null;

  constructor(
    library: Library,
    keys: ReadonlySet<string>,
    said: FoundInTree['said'],
    builder: SiteBuilder,
  ) {
    this.#library = library;
    this.#keys = keys;
    this.#said = said;
    this.#builder = builder;
  }

  /** Null when such a value cannot be of that kind. */
  place(setting: Setting): PlacedSite | null {
    const { path, section, scalar, placed: before } = setting;
    const { base } = scalar.part;
    // Under no key the section is the whole document, of which every edit is one.
    const same = path.length > 0 && section.part === scalar.part && before?.base === base;
    const { kind, entry } = setting;
    const counted =
      kind === 'batchSize'
        ? countsInSettings(entry.key, this.#library, this.#keys, this.#said)
        : null;
    const alike = before?.call.library === this.#library && before.site.counts === counted;
    if (same && alike && !this.#isKnown(before.site)) {
      this.#builder.put(before.site);
      return before;
    }
    const call = this.callOf(setting);
    const site = addSite(this.#builder, setting, call, counted);
    const placed = site && { base, call, site };
    setting.placed = placed;
    return placed;
  }

  #isKnown({ kind, range }: Site): boolean {
    return this.#builder.find(kind, range) !== null;
  }

  /** Settings that stand together share the call. */
  callOf(setting: Setting): Call {
    const { section, path, entry } = setting;
    const last = this.#last;
    const shared = path.length > 0 && last?.setting.section === section;
    if (shared && last.setting.path === path) return last.call;
    const holder = path.at(-1);
    const call: Call = {
      name: path.map(({ key }) => key).join('.') || entry.key,
      range: span(section),
      nameRange: span(holder?.keyAt ?? entry.keyAt),
      library: this.#library,
    };
    this.#last = { setting, call };
    return call;
  }
}

/** Adds the number of a setting; null when such a value cannot be of that kind. */
export function addSite(
  builder: SiteBuilder,
  { kind, entry, scalar }: Pick<Setting, 'kind' | 'entry' | 'scalar'>,
  call: Call,
  counts: BatchCount | null = null,
): Site | null {
  const range = span(scalar);
  const { value, quote } = scalar;
  const nameRange = span(entry.keyAt);
  return builder.add(
    { kind, value, range, quote, name: entry.key, nameRange, counts },
    range,
    call,
  );
}
