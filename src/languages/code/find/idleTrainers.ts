import { inTurn } from '../../clock';
import { lastName } from '../program/passThrough';
import { order } from '../program/programNames';
import type { CallExpr, Expr } from '../read/syntax';
import type { ChunkParts } from './chunkTrainings';

/** What looks for a rate or a size with a `Trainer`, and trains with another. */
const searching = new Set(['Tuner', 'lr_find', 'scale_batch_size', 'tune']);

/**
 * The `Trainer`s of Lightning that train nothing as far as the program goes: those that only look for a
 * learning rate, and those at the outermost level that nothing is done with.
 */
export function* idleTrainers(
  parts: readonly ChunkParts[],
): Generator<undefined, ReadonlySet<CallExpr>> {
  const trainers = (yield* inTurn(parts, trainersIn)).flat();
  if (trainers.length === 0) return new Set();
  const calls = parts.flatMap(({ chunk }) => chunk.calls);
  return new Set(trainers.filter((trainer) => isIdle(trainer, trainers, calls)));
}

function trainersIn({ trainings }: ChunkParts): CallExpr[] {
  return trainings
    .filter(({ api }) => api.library === 'lightning' && api.role === 'trains')
    .map(({ call }) => call)
    .filter(({ target }) => target !== null && !target.includes('.'));
}

function isIdle(
  trainer: CallExpr,
  trainers: readonly CallExpr[],
  calls: readonly CallExpr[],
): boolean {
  const { target, scope } = trainer;
  if (target === null) return false;
  const start = order(trainer);
  const later = trainers.filter((other) => other.target === target && order(other) > start);
  const end = Math.min(Infinity, ...later.map(order));
  const uses = calls.filter(
    (call) => call !== trainer && order(call) > start && order(call) < end && takes(call, target),
  );
  if (uses.length === 0) return !scope.functionInfo && !scope.classInfo && later.length === 0;
  return uses.every(({ callee }) => searching.has(lastName(callee)));
}

/** Whether a call is one of that object's methods, or is given it. */
function takes({ callee, args }: CallExpr, name: string): boolean {
  return rootOf(callee) === name || args.some(({ value }) => rootOf(value) === name);
}

function rootOf(expr: Expr): string | null {
  if (expr.type === 'member') return rootOf(expr.object);
  return expr.type === 'name' ? expr.name : null;
}
