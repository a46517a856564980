import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import { partsOf, type Binding, type CallExpr, type Chunk, type Expr } from '../read/syntax';

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
  if (readingAll.some((all) => program.callsOf(all).length > 0)) return false;
  return !readsIn(chunk, name).some(
    ({ from, to }) => functionInfo.from <= from && to <= functionInfo.to,
  );
}

/**
 * The constants of a whole program of Python that are named batch sizes and that nothing reads.
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
  return constants.filter(({ name }) => chunks.every((chunk) => readsIn(chunk, name).length === 0));
}

function readsAll({ calls }: Chunk): boolean {
  return calls.some(({ callee }) => readingAll.includes(lastName(callee)));
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
  const reads = readsIn(chunk, name).filter(
    ({ from, to }) => functionInfo.from <= from && to <= functionInfo.to,
  );
  const given = new Set<Expr>();
  for (const { args } of evaluations) for (const { value } of args) addNames(given, value);
  return reads.length > 0 && reads.every((read) => given.has(read));
}

function addNames(names: Set<Expr>, expr: Expr): void {
  if (expr.type === 'name') names.add(expr);
  else if (expr.type !== 'call') for (const part of partsOf(expr)) addNames(names, part);
}
