import type { BatchCount } from '../core/batches/updates';
import { siteKinds, type Call, type Site, type SiteKind, type Span } from './site';

/** A number in a document, before it is known what else uses it. */
export interface FoundNumber {
  readonly kind: SiteKind;
  readonly value: number | null;
  readonly range: Span;
  readonly quote: string | null;
  readonly name: string | null;
  readonly nameRange: Span | null;
  readonly counts?: BatchCount | null;
}

/** Gathers sites: one per number and kind, however many calls it flows into. */
export class SiteBuilder {
  /** By kind and start; few numbers share both. */
  readonly #sites = new Map<number, Site[]>();
  readonly #list: Site[] = [];
  /** Whether the list is in document order. */
  #ordered = true;
  /** The list as it was when it was last asked for. */
  #all: Site[] = [];

  /** Adds a number, or a use of one that is known; null when such a value cannot be of that kind. */
  add(found: FoundNumber, use: Span | null = null, call: Call | null = null): Site | null {
    const { kind, value, range, quote, name, nameRange, counts = null } = found;
    if (value !== null && !isPossible(kind, value, counts)) return null;
    const before = this.find(kind, range);
    const isNew = use !== null && !before?.uses.some((known) => sameSpan(known, use));
    const complete = before && before.name !== null && before.call !== null;
    if (complete && !isNew && before.counts === (before.counts ?? counts)) return before;
    const uses = before ? [...before.uses] : [];
    if (isNew) uses.push(use);
    const site: Site = {
      kind,
      value,
      range,
      name: before?.name ?? name,
      nameRange: before?.nameRange ?? nameRange,
      uses,
      call: before?.call ?? call,
      spelling: quote === null || value === null ? null : { quote },
      counts: before?.counts ?? counts,
    };
    if (!before) {
      this.put(site);
      return site;
    }
    // Trainings hold on to the object: it is completed, not replaced.
    return Object.assign(before, site);
  }

  /** Adds a site of which nothing was added before. */
  put(site: Site): void {
    const id = idOf(site.kind, site.range);
    const beside = this.#sites.get(id);
    if (beside) beside.push(site);
    else this.#sites.set(id, [site]);
    const last = this.#list.at(-1);
    this.#ordered &&= !last || compareSpans(last.range, site.range) <= 0;
    this.#list.push(site);
  }

  /** The site of a number that was added, or null. */
  find(kind: SiteKind, range: Span): Site | null {
    return this.#sites.get(idOf(kind, range))?.find((site) => site.range.to === range.to) ?? null;
  }

  /** In document order. */
  all(): Site[] {
    if (this.#all.length < this.#list.length) {
      if (!this.#ordered) this.#list.sort((a, b) => compareSpans(a.range, b.range));
      this.#ordered = true;
      this.#all = [...this.#list];
    }
    return this.#all;
  }
}

function idOf(kind: SiteKind, { cell, from }: Span): number {
  return (cell * 2 ** 32 + from) * siteKinds.length + siteKinds.indexOf(kind);
}

export function compareSpans(a: Span, b: Span): number {
  return a.cell - b.cell || a.from - b.from || a.to - b.to;
}

function sameSpan(a: Span, b: Span): boolean {
  return compareSpans(a, b) === 0;
}

/** Whether a number can be what its name says: a batch size of 0 or 0.5 is something else. */
export function isPossible(
  kind: SiteKind,
  value: number,
  counts: BatchCount | null = null,
): boolean {
  switch (kind) {
    case 'batchSize':
      // MaxText gives several devices one sample: 0.25 per device.
      if (counts === 'perDevice' && value > 0 && value < 1) return Number.isInteger(1 / value);
      return Number.isInteger(value) && value >= 1 && value <= 2 ** 24;
    case 'epochs':
    case 'accumulation':
      return Number.isInteger(value) && value >= 1 && value <= 1e7;
    case 'datasetSize':
      return Number.isInteger(value) && value >= 2 && value <= 1e12;
    case 'learningRate':
      return Number.isFinite(value) && value > 0 && value <= 100;
  }
}
