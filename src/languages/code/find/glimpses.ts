import { namesTraining } from '../../names';
import { lastName } from '../program/passThrough';
import { partsOf, type CallExpr, type Chunk, type Expr, type NameExpr } from '../read/syntax';

/** What a chunk does with names of the outermost level. */
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
export function glimpsedCalls(chunks: readonly Chunk[]): CallExpr[] {
  const all = chunks.map(usesIn);
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
  if (!uses) known.set(chunk, (uses = findUses(chunk)));
  return uses;
}

/** Calls that look at what they are given, and keep nothing of it. */
const looking = new Set(['len', 'print', 'type', 'display', 'iter', 'next']);

function findUses(chunk: Chunk): Uses {
  const glimpsed = new Set<string>();
  const used = new Set<string>();
  const glimpsedAtOnce: CallExpr[] = [];
  const use = (expr: Expr | null): void => {
    for (const { name } of outerNames(expr)) used.add(name);
  };
  const inner = new Set<Expr>();
  for (const call of chunk.calls) {
    const [first] = call.args;
    if (lastName(call.callee) === 'next' && first?.value.type === 'call') inner.add(first.value);
  }
  for (const call of chunk.calls) {
    const name = lastName(call.callee);
    const [first] = call.args;
    const value = first?.value ?? null;
    const once = !call.scope.functionInfo && !isInLoop(chunk, call);
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
  for (const { iterable } of chunk.loops) use(iterable);
  for (const { value } of [...chunk.bindings, ...chunk.assignments]) use(value);
  for (const { returns } of chunk.functions) for (const value of returns) use(value);
  for (const { entries } of chunk.objects) for (const { value } of entries) use(value);
  for (const item of chunk.exports) if (item.kind === 'return') use(item.value);
  return { glimpsed, used, calls: glimpsedAtOnce };
}

function isInLoop({ loops }: Chunk, { from, to }: CallExpr): boolean {
  return loops.some((loop) => loop.from <= from && to <= loop.to);
}

/** The names in an expression, without those that a function around it binds; calls in it are listed apart. */
function outerNames(expr: Expr | null): NameExpr[] {
  if (expr?.type === 'name') return isOuter(expr) ? [expr] : [];
  return expr === null ? [] : partsOf(expr).flatMap(outerNames);
}

function isOuter({ name, scope }: NameExpr): boolean {
  for (let at: typeof scope | null = scope; at?.functionInfo; at = at.parent)
    if (at.bindings.has(name)) return false;
  return true;
}
