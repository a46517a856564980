import type { Uses } from '../../programUses';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import {
  isWithin,
  partsOf,
  type CallExpr,
  type Chunk,
  type Expr,
  type Place,
  type Scope,
} from '../read/syntax';

/**
 * The outermost class or function around a place, by its name; for the outermost level, which is the
 * home of what stands in none, the empty name.
 */
export function homeOf(scope: Scope): string {
  let home = '';
  for (let at: Scope | null = scope; at; at = at.parent) {
    const name = at.classInfo?.name ?? at.functionInfo?.name ?? null;
    if (name !== null) home = name;
  }
  return home;
}

/** The same of a place in a chunk, without its scope. */
export function homeAround(place: Place): string {
  const { chunk } = place;
  const around = [...chunk.functions, ...chunk.classes].filter(
    (info) => info.name !== null && isWithin(place, info),
  );
  const [first, ...others] = around;
  if (!first) return '';
  return others.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), first).name ?? '';
}

const known = new WeakMap<Chunk, Uses>();

/** The names that what stands in each home of a chunk uses. */
export function usesIn(chunk: Chunk): Uses {
  let uses = known.get(chunk);
  if (!uses) known.set(chunk, (uses = findUses(chunk)));
  return uses;
}

function findUses({ calls, classes }: Chunk): Uses {
  const uses = new Map<string, Set<string>>();
  const use = (home: string, expr: Expr): void => {
    if (expr.type === 'call') return;
    if (expr.type !== 'name') for (const part of partsOf(expr)) use(home, part);
    else if (expr.name !== home) {
      const names = uses.get(home);
      if (names) names.add(expr.name);
      else uses.set(home, new Set([expr.name]));
    }
  };
  for (const { callee, args, scope } of calls) {
    const home = homeOf(scope);
    use(home, callee);
    for (const { value } of args) use(home, value);
  }
  for (const { name, bases } of classes) for (const base of bases) use(name ?? '', base);
  return uses;
}

/** What is written in one expression, `net = Sequential([…])`, is a home of its own. */
function variableHome(name: string): string {
  return `${name} =`;
}

/** The home of a layer: the variable whose model it is put into, else the function or class around it. */
export function homeOfLayer(layer: CallExpr): string {
  const home = homeOf(layer.scope);
  if (home !== '') return home;
  const outer = layer.chunk.calls.find(
    (call) =>
      isWithin(layer, call) &&
      (models.has(lastName(call.callee)) || lastName(call.callee) === 'add'),
  );
  if (!outer) return home;
  const { callee, target } = outer;
  if (callee.type === 'member' && callee.property === 'add')
    return variableHome(lastName(callee.object));
  return target === null ? home : variableHome(target);
}

const models = new Set(['Sequential', 'sequential']);

/** Where the model of a training may be made, the likeliest first. */
export function makersOfModel(program: Program, call: CallExpr, trains: boolean): string[] {
  const { callee, scope } = call;
  const makers: string[] = [];
  if (trains && callee.type === 'member') {
    const { object } = callee;
    if (object.type === 'name') makers.push(variableHome(object.name));
    const made =
      object.type === 'name'
        ? [program.lookup(object)?.value]
        : program.resolve(object).map(({ expr }) => expr);
    for (const expr of made)
      if (expr?.type === 'call') makers.push(lastName(expr.callee), homeOf(expr.scope));
  }
  makers.push(homeOf(scope));
  return [...new Set(makers)].filter((home) => home !== '');
}
