import type { BatchCount } from '../../../core/batches/updates';
import { namesAnotherCount } from '../../names';
import { countsByName } from '../../counts';
import type { Library, SiteKind } from '../../site';
import { isPossible } from '../../siteBuilder';
import { numbersOf, type SourceNumber } from './numbers';
import { dividesByDevices } from './regime';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr, Place } from '../read/syntax';

/** A name, and where it stands. */
export interface Named {
  readonly name: string;
  readonly at: Place;
}

/** A number that decides a training's arithmetic; places are relative to their chunks. */
export interface FoundNumber {
  readonly kind: SiteKind;
  readonly value: number | null;
  readonly at: Place;
  /** Null when it cannot be replaced by another number. */
  readonly quote: string | null;
  readonly named: Named | null;
  /** Where it is used, and the call that it is given to there. */
  readonly use: Place | null;
  readonly call: { readonly call: CallExpr; readonly library: Library } | null;
  /** Whether it counts only where no database or the like takes the same number. */
  readonly unlessStored: boolean;
  /** What a batch size counts. */
  readonly counts: BatchCount | null;
}

/** Gathers the numbers of one chunk, in the order of what says most about them. */
export class Recorder {
  readonly numbers: FoundNumber[] = [];
  /** Calls whose batch size is another count (the whole data set's), which is no site of its own. */
  readonly otherwise = new Set<CallExpr>();

  constructor(readonly program: Program) {}

  /**
   * Adds the numbers that flow into `expr`, a call's argument; returns the likeliest.
   * @param named the keyword it is given by
   * @param counts what the argument counts, where the call says so
   */
  addUse(
    kind: SiteKind,
    expr: Expr,
    named: Named | null,
    call: CallExpr | null,
    library: Library,
    counts: BatchCount | null = null,
  ): FoundNumber | null {
    const owner = call && { call, library };
    const all = numbersOf(this.program, expr, kind === 'batchSize');
    const numbers = all.filter(
      ({ holder }) => kind !== 'batchSize' || !holder || !namesAnotherCount(holder.name),
    );
    if (call && numbers.length < all.length) this.otherwise.add(call);
    let likeliest: FoundNumber | null = null;
    for (const number of numbers) {
      const found = foundNumber(kind, number, named, { use: expr, call: owner });
      const counted = counts === null ? found : { ...found, counts };
      const added = this.add(counted);
      likeliest ??= added;
    }
    if (likeliest || !owner || kind !== 'batchSize' || !isBatchAtRuntime(expr)) return likeliest;
    return this.add({
      kind,
      value: null,
      at: expr,
      quote: null,
      named,
      use: expr,
      call: owner,
      unlessStored: false,
      counts: counts ?? countsByName(lastName(expr)) ?? countsAtRuntime(this.program, expr),
    });
  }

  /** Null when such a value cannot be of that kind. */
  add(number: FoundNumber): FoundNumber | null {
    if (number.value !== null && !isPossible(number.kind, number.value, number.counts)) return null;
    this.numbers.push(number);
    return number;
  }
}

/** Of a number that is seen in no call. */
export const unused = { use: null, call: null };

/** A number by itself, named after what holds it, else after the keyword it is given by. */
export function foundNumber(
  kind: SiteKind,
  { value, at, quote, holder, perDevice }: SourceNumber,
  named: Named | null = null,
  { use, call }: Pick<FoundNumber, 'use' | 'call'> = unused,
  unlessStored = false,
): FoundNumber {
  const name = holder ?? named;
  const counts =
    kind === 'batchSize' ? (perDevice ? 'perDevice' : name && countsByName(name.name)) : null;
  return { kind, value, at, quote, named: name, use, call, unlessStored, counts };
}

/** What a size counts that is known only at run time: `batch // gpus`, `get_per_replica_batch_size(…)`. */
function countsAtRuntime(program: Program, expr: Expr): BatchCount | null {
  if (dividesByDevices(expr)) return 'perDevice';
  for (const { expr: value } of program.resolve(expr)) {
    if (dividesByDevices(value)) return 'perDevice';
    const counts = value.type === 'call' ? countsByName(lastName(value.callee)) : null;
    if (counts) return counts;
  }
  return null;
}

/** Whether a batch size is computed when the program runs; `None` and the like are no value. */
function isBatchAtRuntime(expr: Expr): boolean {
  if (expr.type === 'name' || expr.type === 'member') return !namesAnotherCount(lastName(expr));
  if (expr.type !== 'binary') return expr.type === 'call' || expr.type === 'choice';
  return [expr.left, expr.right].every((side) => side.type === 'number' || isBatchAtRuntime(side));
}
