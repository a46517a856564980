import type { Api, Parameter } from '../knowledge/api';
import { writtenName } from '../knowledge/layers';
import type { Site } from '../../site';
import type { Program } from '../program/program';
import type { ChunkCalls, ChunkNumbers } from './chunkStages';
import { placeKey, spanKey } from './places';
import { order } from '../program/programNames';
import type { CallExpr, Expr, Scope } from '../read/syntax';

/** What a call trains, as it is written: `self.model` of `self.model.fit(x, y)`; the call itself else. */
export function subjectOf(call: CallExpr, { role }: Api): string {
  const { callee } = call;
  if (role !== 'trains' || callee.type !== 'member') return String(order(call));
  const written = writtenName(call);
  return written.slice(0, Math.max(0, written.length - callee.property.length - 1));
}

/**
 * The calls that make the optimizer of the model that a call trains: those that the model's last
 * `compile` before it is given. None for an optimizer by its name; null where no `compile` is seen.
 */
export function optimizersOf(program: Program, call: CallExpr, api: Api): CallExpr[] | null {
  const keras = api.library === 'keras' || api.library === 'tensorflow' || api.library === 'tfjs';
  if (!keras || api.role !== 'trains' || call.callee.type !== 'member') return null;
  const compiles = compilesOf(program, call.callee.object);
  const position = order(call);
  const compile = compiles.findLast((each) => order(each) < position) ?? compiles[0];
  const optimizer = compile && optimizerIn(program, compile);
  if (!optimizer) return null;
  const values = program.resolve(optimizer);
  if (values.length === 0) return null;
  const made: CallExpr[] = [];
  for (const { expr } of values) {
    if (expr.type === 'call') made.push(expr);
    else if (expr.type !== 'string') return null;
  }
  return made;
}

/** The calls of `compile` on a model, in order: by its name, else in the function that made it. */
function compilesOf(program: Program, model: Expr): CallExpr[] {
  const binding = model.type === 'name' ? program.lookup(model) : null;
  // Looking through the whole program for each training would make every edit cost all of them.
  const calls =
    binding && isLocal(binding.scope)
      ? program.callsIn(binding.chunk, 'compile')
      : program.callsOf('compile');
  const named = calls.filter(
    ({ callee }) => callee.type === 'member' && isSame(program, callee.object, model),
  );
  if (named.length > 0) return named.toSorted((a, b) => order(a) - order(b));
  const value = binding?.value;
  const maker = value?.type === 'call' ? program.functionOf(value.callee) : null;
  if (!maker) return [];
  return program
    .callsIn(maker.chunk, 'compile')
    .filter(({ callee, scope }) => callee.type === 'member' && scope.functionInfo === maker);
}

/** Whether only the chunk that binds a name sees it. */
function isLocal({ kind, shared }: Scope): boolean {
  return kind !== 'module' && shared === null;
}

/** Whether two expressions are the same object, as far as their names say. */
function isSame(program: Program, a: Expr, b: Expr): boolean {
  if (a.type === 'name' && b.type === 'name')
    return a.name === b.name && program.lookup(a)?.scope === program.lookup(b)?.scope;
  return a.type === 'member' && b.type === 'member' && sameMember(a, b);
}

/** `self.model` here and there; of other objects only where they are the same name. */
function sameMember(a: Expr & { type: 'member' }, b: Expr & { type: 'member' }): boolean {
  if (a.property !== b.property) return false;
  if (a.object.type === 'name' && b.object.type === 'name') return a.object.name === b.object.name;
  return a.object.type === 'member' && b.object.type === 'member'
    ? sameMember(a.object, b.object)
    : false;
}

/** What `compile` is given as its optimizer; null where that is not seen. */
function optimizerIn(program: Program, { args }: CallExpr): Expr | null {
  const keyword = args.find((argument) => argument.keyword === 'optimizer');
  if (keyword) return keyword.value;
  const [first] = args;
  if (!first || first.keyword !== null || first.spread) return null;
  if (program.language === 'python') return first.value;
  for (const { expr } of program.resolve(first.value)) {
    if (expr.type !== 'object') continue;
    const entry = expr.entries.find(({ key }) => key === 'optimizer');
    if (entry) return entry.value;
  }
  return null;
}

/** Whether a call may be given an argument, known or not. */
function isGiven({ args }: CallExpr, { names, position }: Parameter): boolean {
  return args.some(({ keyword, spread }, index) =>
    keyword === null ? spread || index === position : names.includes(keyword),
  );
}

/**
 * Whether beside the optimizer of a rate there is another that takes its library's own rate.
 * @param parts of the whole program
 */
export function hasUnrated(
  parts: readonly { readonly calls: ChunkCalls; readonly numbers: ChunkNumbers }[],
  rate: Site,
): boolean {
  const [start, end] = [spanKey(rate.range), spanKey(rate.range) + rate.range.to - rate.range.from];
  const rated = new Set<number>();
  const unrated: number[] = [];
  for (const { calls, numbers } of parts)
    for (const [call, { role, parameters }] of calls.apis) {
      if (role !== 'optimizer' || !parameters.learningRate) continue;
      const given = numbers.byCall.get(call)?.learningRate;
      const home = call.scope.classInfo ?? call.scope.functionInfo;
      const key = home ? placeKey(home) : -1;
      if (given) {
        if (placeKey(given.at) >= start && placeKey(given.at) <= end) rated.add(key);
      } else if (!isGiven(call, parameters.learningRate)) unrated.push(key);
    }
  return unrated.some((home) => rated.has(home));
}
