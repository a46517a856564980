import { startsInference, wordsOf } from '../../names';
import { lastName } from '../program/passThrough';
import {
  isWithin,
  partsOf,
  type Binding,
  type CallExpr,
  type Expr,
  type FunctionInfo,
} from '../read/syntax';
import { updatesIn } from './updates';

/** Calls whose arguments are the sizes of a tensor. */
export const shaping: ReadonlySet<string> = new Set(
  'zeros ones rand randn randint empty full new new_zeros new_ones new_empty normal uniform'.split(
    ' ',
  ),
);

/** Calls by which a function goes through its data in parts. */
const counting = new Set('range trange arange ceil floor min max int tqdm enumerate'.split(' '));
const mayUpdate = new Set(
  'step update update_step optimize zero_grad value_and_grad grad run'.split(' '),
);
const makingBatches =
  /batch|data|load|iter|generat|train|fit|learn|epoch|step|main|run|experiment|sample|feed|queue/i;

/**
 * Whether a number is no batch size of a training by itself: a parameter that only becomes the first size
 * of tensors that its function makes (`init_hidden(batch_size)`), is handed to what runs a model
 * (`generate(batch_size=batch_size)`), or by which a function that makes no updates goes through what it
 * is given; or a number that such a function holds for a shape.
 */
export function isOnlyShape({ name, role, value: own, scope, chunk }: Binding): boolean {
  const { functionInfo } = scope;
  // Of a long body only the rest is part of the chunk.
  if (functionInfo?.chunk !== chunk || functionInfo.open.length > 0) return false;
  // `sample_batch(batch_size)` of a replay buffer draws so many.
  if (/batch|loader|dataset/i.test(functionInfo.name ?? '')) return false;
  const holdsNumber = role === 'variable' && own?.type === 'number' && !updatesIn(functionInfo);
  if (role !== 'parameter' && !holdsNumber) return false;
  const holds = (expr: Expr | null): boolean => expr !== null && holdsName(expr, name);
  const calls = chunk.calls.filter((call) => isWithin(call, functionInfo));
  const onlyReads = !mayTrain(functionInfo, calls);
  let shapes = 0;
  for (const call of calls) {
    for (const { keyword, value } of call.args) {
      if (!holds(value)) continue;
      const counts = onlyReads && counting.has(lastName(call.callee));
      if (!counts && !isShape(call, keyword)) return false;
      shapes++;
    }
  }
  for (const binding of chunk.bindings) {
    const { value } = binding;
    if (!isWithin(binding, functionInfo) || value?.type === 'parameter' || !holds(value)) continue;
    if (binding.name === name && binding.role === role) continue;
    if (value?.type === 'array') shapes++;
    else if (value?.type !== 'binary' || !onlyReads) return false;
  }
  return shapes > 0 && !isKept(functionInfo, holds);
}

/** Whether a function may make updates, or the batches for them. */
function mayTrain(info: FunctionInfo, calls: readonly CallExpr[]): boolean {
  return (
    info.name === null ||
    info.yields ||
    info.name.startsWith('__') ||
    makingBatches.test(info.name) ||
    updatesIn(info) ||
    calls.some(({ callee }) => mayUpdate.has(lastName(callee)))
  );
}

/** Whether a function returns it, or sets it on something. */
function isKept(info: FunctionInfo, holds: (expr: Expr | null) => boolean): boolean {
  const { chunk, returns } = info;
  return (
    returns.some(holds) ||
    chunk.assignments.some(({ target, value }) => isWithin(target, info) && holds(value)) ||
    chunk.objects.some(
      (object) => isWithin(object, info) && object.entries.some(({ value }) => holds(value)),
    )
  );
}

function isShape({ callee }: CallExpr, keyword: string | null): boolean {
  const name = lastName(callee);
  if (shaping.has(name) || startsInference(name)) return true;
  return keyword !== null && wordsOf(keyword).some((word) => word === 'shape');
}

/** Whether a name stands in an expression outside the calls in it, which are seen by themselves. */
function holdsName(expr: Expr, name: string): boolean {
  if (expr.type === 'name') return expr.name === name;
  return partsOf(expr).some((part) => holdsName(part, name));
}
