import { inTurn } from '../../clock';
import { namesTraining } from '../../names';
import { lastName } from '../program/passThrough';
import { isWithin, type CallExpr, type Chunk, type Expr, type Loop } from '../read/syntax';
import type { ChunkNumbers } from './chunkStages';
import type { ChunkParts } from './chunkTrainings';
import { glimpsedCalls } from './glimpses';
import { placeKey } from './places';
import type { FoundNumber } from './recorder';
import { unreadSizes } from './sizesRead';

/** The sizes of batches that no training is given. */
export class BatchesApart {
  /** The calls that make such batches. */
  readonly calls: ReadonlySet<CallExpr>;
  /** Numbers in calls of which one batch is looked at, and of constants that nothing reads. */
  readonly #numbers = new Set<number>();
  /** The chunks that have such constants. */
  readonly chunks = new Set<Chunk>();

  private constructor(calls: ReadonlySet<CallExpr>) {
    this.calls = calls;
  }

  /** @param parts those of a whole program, where they stand now */
  static *in(parts: readonly ChunkParts[]): Generator<undefined, BatchesApart> {
    const chunks = parts.map(({ chunk }) => chunk);
    // Other programs may use what a module makes.
    const runs = chunks.some(({ isScript }) => isScript) || parts.some(updatesOutside);
    const isNotebook = chunks.some(({ cell }) => cell > 0);
    const glimpsed = isNotebook || runs ? yield* glimpsedCalls(chunks) : [];
    yield;
    const apart = new BatchesApart(new Set([...(yield* batchesApart(parts)), ...glimpsed]));
    yield;
    for (const { args } of glimpsed)
      for (const { value } of args)
        if (value.type === 'number') apart.#numbers.add(placeKey(value));
    // Commands in a notebook's cells read its variables, too.
    if (runs && !isNotebook) apart.#addUnread(parts);
    return apart;
  }

  #addUnread(parts: readonly ChunkParts[]): void {
    const unread = new Set(unreadSizes(parts.map(({ chunk }) => chunk)).map(placeKey));
    if (unread.size === 0) return;
    // `memory.sample(BATCH_SIZE)` draws what a model is trained with.
    const given = new Set<number>();
    for (const { numbers } of parts) for (const { at } of numbers.given) given.add(placeKey(at));
    for (const { chunk, numbers } of parts)
      for (const { named, at } of numbers.named.bound)
        if (named && unread.has(placeKey(named.at)) && !given.has(placeKey(at))) {
          this.#numbers.add(placeKey(at));
          this.chunks.add(chunk);
        }
  }

  /** Whether any number may be one of them. */
  get isEmpty(): boolean {
    return this.calls.size === 0 && this.#numbers.size === 0;
  }

  /** Whether a number is the size of such batches. */
  has({ kind, call, at }: FoundNumber): boolean {
    if (kind !== 'batchSize' || this.isEmpty) return false;
    return (call !== null && this.calls.has(call.call)) || this.#numbers.has(placeKey(at));
  }
}

function updatesOutside({ calls }: ChunkParts): boolean {
  return calls.evidence.updatesOutside;
}

const batching = new Set(['batch', 'padded_batch', 'ragged_batch']);

/**
 * Calls of `.batch(n)` on datasets that no training is given: they inspect data, or build an index or a
 * vocabulary. Those are all others of a program that hands every training its batches, else those that
 * the program goes through at its outermost level.
 */
function* batchesApart(parts: readonly ChunkParts[]): Generator<undefined, ReadonlySet<CallExpr>> {
  const apart = new Set<CallExpr>();
  const candidates = (yield* inTurn(parts, ({ numbers }) => batchCallsIn(numbers))).flat();
  if (candidates.length === 0) return apart;
  const given = new Set<CallExpr>();
  let fits = 0;
  let known = true;
  for (const { api, own, makers } of parts.flatMap(({ trainings }) => trainings)) {
    if (api.role !== 'trains' || api.library === 'lightning') continue;
    fits++;
    const made = makers.filter(({ callee }) => batching.has(lastName(callee)));
    known &&= made.length > 0 || own.batchSize !== undefined;
    for (const call of made) given.add(call);
  }
  if (fits === 0) return apart;
  // A loop of the program's own takes batches in ways that are not followed.
  known &&= !parts.some(({ calls }) => calls.evidence.loops || calls.backward !== null);
  const through = known ? null : goneThrough(parts);
  for (const call of candidates)
    if (!given.has(call) && (!through || through(call))) apart.add(call);
  return apart;
}

const batchCalls = new WeakMap<ChunkNumbers, readonly CallExpr[]>();

/** Calls of `.batch(n)`. */
function batchCallsIn(numbers: ChunkNumbers): readonly CallExpr[] {
  let known = batchCalls.get(numbers);
  if (!known) {
    known = [...numbers.byCall.keys()].filter(({ callee }) => batching.has(lastName(callee)));
    batchCalls.set(numbers, known);
  }
  return known;
}

/** Whether `for item in dataset` goes through what a call makes, outside functions. */
function goneThrough(parts: readonly ChunkParts[]): (call: CallExpr) => boolean {
  const names = new Set<string>();
  const inside = new Set<Expr>();
  for (const { chunk } of parts)
    for (const loop of chunk.loops) {
      if (trainsIn(chunk, loop)) continue;
      for (let expr = loop.iterable; expr; expr = source(expr)) {
        inside.add(expr);
        if (expr.type === 'name' && !expr.scope.functionInfo) names.add(expr.name);
      }
    }
  return (call) =>
    !call.scope.functionInfo &&
    (inside.has(call) || (call.target !== null && names.has(call.target)));
}

const steps = new Set(['GradientTape', 'apply_gradients', 'backward', 'fit']);

function trainsIn({ calls }: Chunk, loop: Loop): boolean {
  return calls.some((call) => {
    const name = lastName(call.callee);
    return isWithin(call, loop) && (steps.has(name) || namesTraining(name));
  });
}

/** What a chain starts from: `data` of `enumerate(data.take(1))`. */
function source(expr: Expr): Expr | null {
  if (expr.type !== 'call') return null;
  const { callee, args } = expr;
  return callee.type === 'member' ? callee.object : (args[0]?.value ?? null);
}
