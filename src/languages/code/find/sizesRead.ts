import { startsInference } from '../../names';
import { shaping } from './onlyShapes';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import {
  isWithin,
  partsOf,
  type Binding,
  type CallExpr,
  type Chunk,
  type Expr,
  type Scope,
} from '../read/syntax';

/** Calls that read all the variables around them, whatever their names. */
const readingAll = ['locals', 'globals', 'vars', 'eval', 'exec', 'save_hyperparameters'];

/** Whether nothing in a function reads a batch size that is one of its own variables or parameters. */
export function isUnread(program: Program, { name, role, scope, chunk }: Binding): boolean {
  const { functionInfo } = scope;
  if (program.language !== 'python' || scope.kind !== 'function' || !functionInfo) return false;
  if (role !== 'variable' && role !== 'parameter') return false;
  // Methods take what others of their name take; decorators may read what they like.
  const { owner, decorators, open } = functionInfo;
  if (functionInfo.chunk !== chunk || open.length > 0 || decorators.length > 0) return false;
  if (owner && role === 'parameter') return false;
  if (readingAll.some((all) => program.callsOf(all).some(readsAround))) return false;
  return !readsIn(chunk, name).some((read) => isWithin(read, functionInfo));
}

/**
 * The constants of a whole program of Python that are named batch sizes and that nothing reads, or only
 * what runs a model: `diffusion.sample(batch_size=batch_size)`.
 * @param chunks those of a program that no other imports
 */
export function unreadSizes(chunks: readonly Chunk[]): readonly Binding[] {
  const constants = chunks.flatMap(({ bindings, sizeNames }) =>
    sizeNames.length === 0
      ? []
      : bindings.filter(
          ({ name, role, scope, from }) =>
            role === 'variable' &&
            scope.kind === 'module' &&
            sizeNames.some((each) => each.name === name && each.from === from),
        ),
  );
  if (constants.length === 0 || chunks.some(readsAll)) return [];
  return constants.filter(({ name }) => isIdle(chunks, name));
}

/** Whether a constant is read nowhere, or only given to what runs a model, and perhaps to tensors for that. */
function isIdle(chunks: readonly Chunk[], name: string): boolean {
  let runs = false;
  let reads = 0;
  for (const chunk of chunks) {
    const own = readsIn(chunk, name).filter(({ scope }) => !isBoundInside(scope, name));
    if (own.length === 0) continue;
    reads += own.length;
    const run = new Set<Expr>();
    const shaped = new Set<Expr>();
    for (const { callee, args } of chunk.calls) {
      const called = lastName(callee);
      const names = startsInference(called) ? run : shaping.has(called) ? shaped : null;
      if (names) for (const { value } of args) addNames(names, value);
    }
    if (!own.every((read) => run.has(read) || shaped.has(read))) return false;
    runs ||= own.some((read) => run.has(read));
  }
  return reads === 0 || runs;
}

function readsAll({ calls }: Chunk): boolean {
  return calls.some(readsAround);
}

/** `locals()` and Lightning's `self.save_hyperparameters()`, but not `model.eval()`. */
function readsAround({ callee }: CallExpr): boolean {
  const name = lastName(callee);
  return readingAll.includes(name) && (callee.type === 'name' || name === 'save_hyperparameters');
}

/** Whether a function around binds a name, so that it means no constant. */
function isBoundInside(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at && at.kind !== 'module'; at = at.parent)
    if (at.kind === 'function' && at.bindings.has(name)) return true;
  return false;
}

/** Where a name is read, and not set. */
function readsIn({ sizeNames, bindings }: Chunk, name: string): Chunk['sizeNames'] {
  const own = sizeNames.filter((each) => each.name === name);
  if (own.length === 0) return own;
  const set = new Set(bindings.flatMap((each) => (each.name === name ? [each.from] : [])));
  return own.filter(({ from }) => !set.has(from));
}

/** Whether a function hands a batch size of its own to calls that make batches for evaluation, and to no other. */
export function isOnlyEvaluated(
  { name, scope, chunk }: Binding,
  evaluations: ReadonlySet<CallExpr>,
): boolean {
  const { functionInfo } = scope;
  if (functionInfo?.chunk !== chunk || functionInfo.open.length > 0 || evaluations.size === 0)
    return false;
  const reads = readsIn(chunk, name).filter((read) => isWithin(read, functionInfo));
  const given = new Set<Expr>();
  for (const { args } of evaluations) for (const { value } of args) addNames(given, value);
  return reads.length > 0 && reads.every((read) => given.has(read));
}

function addNames(names: Set<Expr>, expr: Expr): void {
  if (expr.type === 'name') names.add(expr);
  else if (expr.type !== 'call') for (const part of partsOf(expr)) addNames(names, part);
}
