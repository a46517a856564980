import { isLooseSampleCount } from '../names';
import type { SiteBuilder } from '../siteBuilder';
import type { Call, Library, Site, SiteKind, Span, Training } from '../site';
import type { FoundInTree, PlacedSite, Setting } from './foundSettings';
import type { At, Mapping } from './settingsTree';
import { libraryOf } from './trainingKeys';

/** Where something stands in the document. */
export function span({ part, from, to }: At): Span {
  return { cell: 0, from: part.base + from, to: part.base + to };
}

/** Adds the sites of a configuration that trains. */
export function* trainingsIn(
  { settings, keys, dropsLast }: FoundInTree,
  builder: SiteBuilder,
): Generator<undefined, Training[]> {
  const placing = new Placing(libraryOf(keys), builder);
  const beside = new Map<Mapping, Partial<Record<SiteKind, Site>>>();
  const only = new Map<SiteKind, Site | null>();
  const batches: { readonly section: Mapping; readonly placed: PlacedSite }[] = [];
  for (const setting of settings) {
    yield;
    const { kind, section } = setting;
    const placed = counts(setting) ? placing.place(setting) : null;
    if (!placed) continue;
    let near = beside.get(section);
    if (!near) beside.set(section, (near = {}));
    near[kind] ??= placed.site;
    only.set(kind, only.has(kind) ? null : placed.site);
    if (kind === 'batchSize') batches.push({ section, placed });
  }
  return batches.map(({ section, placed: { call, site } }) => {
    // What stands beside it counts first; then the only one in the document.
    const near = beside.get(section);
    const nearest = (kind: SiteKind): Site | null => near?.[kind] ?? only.get(kind) ?? null;
    const training: Training = {
      call,
      batchSize: site,
      epochs: nearest('epochs'),
      datasetSize: nearest('datasetSize'),
      accumulation: nearest('accumulation'),
      learningRate: nearest('learningRate'),
      validationSplit: null,
      insertions: {},
    };
    return dropsLast ? { ...training, dropsLast } : training;
  });
}

function counts({ elsewhere, kind, entry, scalar }: Setting): boolean {
  const few = kind === 'datasetSize' && (scalar.value ?? 0) < 50;
  return !elsewhere && !(few && isLooseSampleCount(entry.key));
}

/** Makes sites of settings; what an edit did not move stays the same object. */
class Placing {
  private last: { readonly setting: Setting; readonly call: Call } | null = null;

  constructor(
    private readonly library: Library,
    private readonly builder: SiteBuilder,
  ) {}

  /** Null when such a value cannot be of that kind. */
  place(setting: Setting): PlacedSite | null {
    const { path, section, scalar, placed: before } = setting;
    const { base } = scalar.part;
    // Under no key the section is the whole document, of which every edit is one.
    const same = path.length > 0 && section.part === scalar.part && before?.base === base;
    if (same && before.call.library === this.library && !this.isKnown(before.site)) {
      this.builder.put(before.site);
      return before;
    }
    const call = this.callOf(setting);
    const site = addSite(this.builder, setting, call);
    const placed = site && { base, call, site };
    setting.placed = placed;
    return placed;
  }

  private isKnown({ kind, range }: Site): boolean {
    return this.builder.find(kind, range) !== null;
  }

  /** Settings that stand together share the call. */
  private callOf(setting: Setting): Call {
    const { section, path, entry } = setting;
    const { last } = this;
    const shared = path.length > 0 && last?.setting.section === section;
    if (shared && last.setting.path === path) return last.call;
    const holder = path.at(-1);
    const call: Call = {
      name: path.map(({ key }) => key).join('.') || entry.key,
      range: span(section),
      nameRange: span(holder?.keyAt ?? entry.keyAt),
      library: this.library,
    };
    this.last = { setting, call };
    return call;
  }
}

/** Adds the number of a setting; null when such a value cannot be of that kind. */
export function addSite(
  builder: SiteBuilder,
  { kind, entry, scalar }: Pick<Setting, 'kind' | 'entry' | 'scalar'>,
  call: Call,
): Site | null {
  const range = span(scalar);
  const { value, quote } = scalar;
  const nameRange = span(entry.keyAt);
  return builder.add({ kind, value, range, quote, name: entry.key, nameRange }, range, call);
}
