import { startsInference, wordsOf } from '../../names';
import { lastName } from '../program/passThrough';
import type { Binding, CallExpr, Expr, FunctionInfo } from '../read/syntax';

/** Calls whose arguments are the sizes of a tensor. */
const shaping = new Set(
  'zeros ones rand randn randint empty full new new_zeros new_ones new_empty normal uniform'.split(
    ' ',
  ),
);

/**
 * Whether a parameter only becomes the first size of tensors that its function makes (`init_hidden(batch_size)`),
 * or is handed to what runs a model (`generate(batch_size=batch_size)`): what callers pass for it is then no
 * batch size of a training by itself.
 */
export function isOnlyShape({ name, role, scope, chunk }: Binding): boolean {
  const { functionInfo } = scope;
  // Of a long body only the rest is part of the chunk.
  if (role !== 'parameter' || !functionInfo || functionInfo.open.length > 0) return false;
  const holds = (expr: Expr | null): boolean => expr !== null && holdsName(expr, name);
  const isInside = ({ from, to }: { from: number; to: number }): boolean =>
    functionInfo.from <= from && to <= functionInfo.to;
  let shapes = 0;
  for (const call of chunk.calls) {
    if (!isInside(call)) continue;
    for (const { keyword, value } of call.args) {
      if (!holds(value)) continue;
      if (!isShape(call, keyword)) return false;
      shapes++;
    }
  }
  for (const binding of chunk.bindings) {
    const { value } = binding;
    if (!isInside(binding) || value?.type === 'parameter' || !holds(value)) continue;
    if (binding.name === name && binding.role === 'parameter') continue;
    if (value?.type !== 'array') return false;
    shapes++;
  }
  return shapes > 0 && !isKept(functionInfo, holds);
}

/** Whether a function returns it, or sets it on something. */
function isKept(info: FunctionInfo, holds: (expr: Expr | null) => boolean): boolean {
  const { chunk, from, to, returns } = info;
  return (
    returns.some(holds) ||
    chunk.assignments.some(
      ({ target, value }) => from <= target.from && target.to <= to && holds(value),
    ) ||
    chunk.objects.some(
      (object) =>
        from <= object.from && object.to <= to && object.entries.some(({ value }) => holds(value)),
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

function partsOf(expr: Expr): readonly Expr[] {
  if (expr.type === 'array') return expr.items;
  if (expr.type === 'choice') return expr.options;
  return expr.type === 'binary' ? [expr.left, expr.right] : [];
}
