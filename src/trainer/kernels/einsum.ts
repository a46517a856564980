import {
  broadcastTo,
  Einsum,
  einsum as einsumOp,
  matMul,
  reshape,
  sum,
  tidy,
  transpose,
  type EinsumAttrs,
  type GradConfig,
  type KernelConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';

interface Equation {
  readonly terms: readonly string[];
  readonly output: string;
}

/** Reads "abc,cd->abd"; terms have no repeated axes, as tf.einsum requires. */
function parseEquation(equation: string): Equation {
  const [left = '', output = ''] = equation.replace(/\s/g, '').split('->');
  return { terms: left.split(','), output };
}

const without = (axes: string, others: string) =>
  Array.from(axes)
    .filter((axis) => !others.includes(axis))
    .join('');
const within = (axes: string, others: string) =>
  Array.from(axes)
    .filter((axis) => others.includes(axis))
    .join('');

/** Sums away the axes that nothing else needs, and orders the rest. */
function arrange(x: Tensor, axes: string, order: string): Tensor {
  const dropped = Array.from(axes).flatMap((axis, index) => (order.includes(axis) ? [] : [index]));
  const kept = within(axes, order);
  const summed = dropped.length === 0 ? x : sum(x, dropped);
  return kept === order
    ? summed
    : transpose(
        summed,
        Array.from(order).map((axis) => kept.indexOf(axis)),
      );
}

/**
 * An Einstein summation over one or two tensors, as one batched matrix product: axes of both terms
 * that the output keeps are the batch, those it drops are summed over.
 */
function einsum(tensors: readonly Tensor[], { terms, output }: Equation): Tensor {
  const [a, b] = tensors;
  const [aAxes = '', bAxes = ''] = terms;
  if (!a) throw new Error('einsum needs a tensor.');
  if (!b) return arrange(a, aAxes, output).clone();
  const sizes = new Map<string, number>();
  Array.from(aAxes).forEach((axis, index) => sizes.set(axis, a.shape[index] ?? 1));
  Array.from(bAxes).forEach((axis, index) => sizes.set(axis, b.shape[index] ?? 1));
  const shared = within(aAxes, bAxes);
  const batch = within(shared, output);
  const summed = without(shared, output);
  const rows = within(without(aAxes, bAxes), output);
  const columns = within(without(bAxes, aAxes), output);
  const shapeOf = (axes: string) => Array.from(axes).map((axis) => sizes.get(axis) ?? 1);
  const sizeOf = (axes: string) => shapeOf(axes).reduce((product, size) => product * size, 1);

  const left = reshape(arrange(a, aAxes, batch + rows + summed), [
    sizeOf(batch),
    sizeOf(rows),
    sizeOf(summed),
  ]);
  const right = reshape(arrange(b, bAxes, batch + summed + columns), [
    sizeOf(batch),
    sizeOf(summed),
    sizeOf(columns),
  ]);
  const product = reshape(matMul(left, right), shapeOf(batch + rows + columns));
  return arrange(product, batch + rows + columns, output);
}

export const einsumKernel: KernelConfig = {
  kernelName: Einsum,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    // The op passes a list of tensors under a type that says a map.
    const tensors = Object.values(inputs) as Tensor[];
    return tidy(() => einsum(tensors, parseEquation((attrs as unknown as EinsumAttrs).equation)));
  },
};

/**
 * tfjs has no gradient for einsum. That of a term is the einsum of dy with the other term, spread
 * over the axes that were summed away.
 */
export const einsumGradient: GradConfig = {
  kernelName: Einsum,
  inputsToSave: [],
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { terms, output } = parseEquation((attrs as unknown as EinsumAttrs).equation);
    const gradient = (index: number) => () =>
      tidy(() => {
        const own = terms[index] ?? '';
        const target = saved[index];
        const other = saved[1 - index];
        if (!target) throw new Error('einsum has no such term.');
        const from = terms.length === 2 ? [output, terms[1 - index] ?? ''] : [output];
        const reached = within(own, from.join(''));
        const tensors = other && terms.length === 2 ? [dy as Tensor, other] : [dy as Tensor];
        const result = einsumOp(`${from.join(',')}->${reached}`, ...tensors);
        const shape = Array.from(own).map((axis, at) =>
          reached.includes(axis) ? (target.shape[at] ?? 1) : 1,
        );
        return broadcastTo(reshape(result, shape), target.shape);
      });
    return Object.fromEntries(terms.map((_, index) => [String(index), gradient(index)]));
  },
};
