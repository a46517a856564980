import { inTurn } from '../../clock';
import { namesTraining } from '../../names';
import { lastName } from '../program/passThrough';
import {
  isWithin,
  partsOf,
  type CallExpr,
  type Chunk,
  type Expr,
  type FunctionInfo,
  type NameExpr,
  type Place,
} from '../read/syntax';
import { updatesIn } from './updates';

/** What a chunk does with names of the outermost level, or a function with its own. */
interface Uses {
  /** Names of which one batch is taken: `next(iter(loader))`. */
  readonly glimpsed: ReadonlySet<string>;
  /** Names that it hands on or goes through. */
  readonly used: ReadonlySet<string>;
  /** Calls of which one batch is taken where they stand: `next(batches(data, 4))`. */
  readonly calls: readonly CallExpr[];
}

/**
 * Calls that make batches of which a program takes one, to look at it, and which nothing else sees.
 * @param chunks those of a whole program: other modules may use what a module makes
 */
export function* glimpsedCalls(chunks: readonly Chunk[]): Generator<undefined, CallExpr[]> {
  const all = yield* inTurn(chunks, usesIn);
  const glimpsed = new Set(all.flatMap((uses) => [...uses.glimpsed]));
  if (glimpsed.size === 0) return all.flatMap(({ calls }) => calls);
  for (const { used } of all) for (const name of used) glimpsed.delete(name);
  const made = chunks.flatMap(({ calls }) =>
    calls.filter(
      ({ target, scope }) =>
        target !== null && !scope.functionInfo && glimpsed.has(target) && !namesTraining(target),
    ),
  );
  return [...all.flatMap(({ calls }) => calls), ...made];
}

const known = new WeakMap<Chunk, Uses>();

function usesIn(chunk: Chunk): Uses {
  let uses = known.get(chunk);
  if (!uses) known.set(chunk, (uses = findUses(chunk, null)));
  return uses;
}

/**
 * Whether a function makes batches, takes one to look at it or draws what is in them, and makes no
 * updates: `images, _ = next(iter(loader))`.
 */
export function isGlimpsedInside({ target, scope, chunk }: CallExpr): boolean {
  const { functionInfo: info } = scope;
  if (target === null || info?.chunk !== chunk || info.open.length > 0) return false;
  if (
    !takesOne(chunk) ||
    namesTraining(target) ||
    namesTraining(info.name ?? '') ||
    updatesIn(info)
  )
    return false;
  let uses = knownInside.get(info);
  if (!uses) knownInside.set(info, (uses = findUses(chunk, info)));
  return uses.glimpsed.has(target) && !uses.used.has(target);
}

const knownInside = new WeakMap<FunctionInfo, Uses>();

const knownToTake = new WeakMap<Chunk, boolean>();

function takesOne(chunk: Chunk): boolean {
  let takes = knownToTake.get(chunk);
  if (takes === undefined) {
    takes = chunk.calls.some(({ callee }) => lastName(callee) === 'next');
    knownToTake.set(chunk, takes);
  }
  return takes;
}

/** Calls that look at what they are given, and keep nothing of it. */
const looking = new Set(['len', 'print', 'type', 'display', 'iter', 'next']);

/** @param home the function whose names are asked about; null for the outermost level */
function findUses(chunk: Chunk, home: FunctionInfo | null): Uses {
  const glimpsed = new Set<string>();
  const used = new Set<string>();
  const glimpsedAtOnce: CallExpr[] = [];
  const isHere = (place: Place): boolean => !home || isWithin(place, home);
  const use = (expr: Expr | null): void => {
    for (const { name } of namesOf(expr, home)) used.add(name);
  };
  const calls = chunk.calls.filter(isHere);
  const inner = new Set<Expr>();
  for (const call of calls) {
    const [first] = call.args;
    if (lastName(call.callee) === 'next' && first?.value.type === 'call') inner.add(first.value);
  }
  for (const call of calls) {
    const name = lastName(call.callee);
    const [first] = call.args;
    const value = first?.value ?? null;
    // A batch that a function returns goes on.
    const returned = home?.returns.includes(call) ?? false;
    const once = call.scope.functionInfo === home && !isInLoop(chunk, call) && !returned;
    if (once && value && (name === 'next' || (name === 'iter' && inner.has(call)))) {
      if (value.type === 'name') glimpsed.add(value.name);
      else if (value.type === 'call' && lastName(value.callee) !== 'iter')
        glimpsedAtOnce.push(value);
      continue;
    }
    // `iter(loader)` that is kept goes on.
    const looks = looking.has(name) && name !== 'iter' && name !== 'next';
    if (!looks) for (const argument of call.args) use(argument.value);
    if (call.callee.type === 'member' && call.callee.property !== 'next') use(call.callee.object);
  }
  for (const { iterable } of chunk.loops.filter(isHere)) use(iterable);
  for (const { value } of [...chunk.bindings, ...chunk.assignments])
    if (value && isHere(value)) use(value);
  for (const { returns } of chunk.functions.filter(isHere)) for (const value of returns) use(value);
  for (const { entries } of chunk.objects.filter(isHere))
    for (const { value } of entries) use(value);
  if (!home) for (const item of chunk.exports) if (item.kind === 'return') use(item.value);
  return { glimpsed, used, calls: glimpsedAtOnce };
}

function isInLoop({ loops }: Chunk, call: CallExpr): boolean {
  return loops.some((loop) => isWithin(call, loop));
}

/** The names in an expression that a function binds, or none; calls in it are listed apart. */
function namesOf(expr: Expr | null, home: FunctionInfo | null): NameExpr[] {
  if (expr?.type === 'name') return isBoundIn(expr, home) ? [expr] : [];
  return expr === null ? [] : partsOf(expr).flatMap((part) => namesOf(part, home));
}

/** Whether a function binds a name, or for null no function around it. */
function isBoundIn({ name, scope }: NameExpr, home: FunctionInfo | null): boolean {
  for (let at: typeof scope | null = scope; at?.functionInfo; at = at.parent)
    if (at.bindings.has(name)) return at.functionInfo === home;
  return home === null;
}
