import { SiteBuilder } from '../siteBuilder';
import type { Call, Library, Site, SiteKind, Span } from '../site';
import type { Api } from './apis';
import type { Evidence } from './evidence';
import { writtenName } from './layers';
import { namesAnotherCount } from '../names';
import { numbersOf, type SourceNumber } from './numbers';
import { lastName } from './passThrough';
import type { Program } from './program';
import type { CallExpr, Expr, Loop, NameExpr, Place } from './syntax';

export type SitesByKind = Partial<Record<SiteKind, Site>>;

/** One search of one program: what it knows, and the sites it has found so far. */
export class Search {
  readonly builder = new SiteBuilder();
  /** Numbers that databases and the like take for their batches. */
  readonly stored = new Set<string>();
  /** Calls that make batches for evaluation. */
  readonly evaluations = new Set<CallExpr>();
  /** Calls whose batch size is another count (the whole data set's), which is no site of its own. */
  readonly otherwise = new Set<CallExpr>();
  readonly epochLoops: Loop[] = [];
  private readonly byCall = new Map<CallExpr, SitesByKind>();

  constructor(
    readonly program: Program,
    readonly texts: readonly string[],
    readonly apis: ReadonlyMap<CallExpr, Api>,
    readonly evidence: Evidence,
  ) {}

  span({ chunk, from, to }: Place): Span {
    return { cell: chunk.cell, from: chunk.base + from, to: chunk.base + to };
  }

  sitesOf(call: CallExpr): SitesByKind {
    let sites = this.byCall.get(call);
    if (!sites) this.byCall.set(call, (sites = {}));
    return sites;
  }

  /** The only site of a kind in the program, or the first of several with one value. */
  only(kind: SiteKind): Site | null {
    return this.builder.only(kind);
  }

  describe(call: CallExpr, library: Library): Call {
    const { chunk, callee } = call;
    const from = callee.type === 'member' ? callee.propertyAt.from : callee.from;
    return {
      name: shortName(call),
      range: this.span(call),
      nameRange: this.span({ chunk, from, to: callee.to }),
      library,
    };
  }

  /**
   * Adds the numbers that flow into `expr`, a call's argument; returns the likeliest.
   * @param name the keyword it is given by
   */
  addUse(
    kind: SiteKind,
    expr: Expr,
    name: NameExpr | null,
    call: CallExpr | null,
    library: Library,
  ): Site | null {
    const owner = call && this.describe(call, library);
    const use = this.span(expr);
    const all = numbersOf(this.program, expr);
    const numbers = all.filter(
      ({ holder }) => kind !== 'batchSize' || !holder || !namesAnotherCount(holder.name),
    );
    if (call && numbers.length < all.length) this.otherwise.add(call);
    const sites = numbers
      .map((number) => this.addNumber(kind, number, name, use, owner))
      .filter((site) => site !== null);
    if (sites[0] || !call || kind !== 'batchSize' || !isBatchAtRuntime(expr))
      return sites[0] ?? null;
    return this.builder.add(
      {
        ...{ kind, value: null, range: use, quote: null },
        name: name?.name ?? null,
        nameRange: name && this.span(name),
      },
      use,
      owner,
    );
  }

  addNumber(
    kind: SiteKind,
    { value, at, quote, holder }: SourceNumber,
    name: NameExpr | null = null,
    use: Span | null = null,
    call: Call | null = null,
  ): Site | null {
    const inside = quote.length;
    const range = this.span({ chunk: at.chunk, from: at.from, to: at.to });
    const holderName = holder?.name ?? name?.name ?? null;
    const holderAt = holder?.at ?? name;
    return this.builder.add(
      {
        ...{ kind, value, range, quote: inside > 0 ? quote : '' },
        name: holderName,
        nameRange: holderAt ? this.span(holderAt) : null,
      },
      use,
      call,
    );
  }
}

/** `model.fit` of `this.state.model.fit`; `DataLoader` of `torch.utils.data.DataLoader`. */
function shortName(call: CallExpr): string {
  const parts = writtenName(call).split('.');
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2);
  const first = last.charAt(0);
  const type = first !== first.toLowerCase();
  if (before !== undefined && !type) return `${before}.${last}`;
  return last === 'batch' ? 'dataset.batch' : last;
}

/** Whether a batch size is computed when the program runs; `None` and the like are no value. */
function isBatchAtRuntime(expr: Expr): boolean {
  if (expr.type === 'name' || expr.type === 'member') return !namesAnotherCount(lastName(expr));
  if (expr.type !== 'binary') return expr.type === 'call' || expr.type === 'choice';
  return [expr.left, expr.right].every((side) => side.type === 'number' || isBatchAtRuntime(side));
}

export function placeKey({ chunk, from }: Place): string {
  return `${chunk.cell}:${chunk.base + from}`;
}
