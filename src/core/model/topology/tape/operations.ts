import { fixed, nothing, sameAmount, times, type Amount } from './amount';
import type { InputGradient, Operation, Tape, Value } from './tape';

/*
 * tfjs-core's operations: what each saves for its gradient and what that takes, as its files under
 * `gradients/` say, with the kernels of src/trainer/kernels on WASM. Casts copy there.
 */

function sum(...amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (total, each) => ({
      perSample: total.perSample + each.perSample,
      fixed: total.fixed + each.fixed,
    }),
    nothing,
  );
}

/** The size of what two tensors give when the smaller one is repeated. */
function broadcast(a: Amount, b: Amount): Amount {
  const isLarger = b.perSample > a.perSample || (b.perSample === a.perSample && b.fixed > a.fixed);
  return isLarger ? b : a;
}

export function add(tape: Tape, a: Value, b: Value): Value {
  const size = broadcast(a.size, b.size);
  const gradient = (of: Value): InputGradient =>
    sameAmount(of.size, size) ? { result: 'shared' } : { result: of.size };
  return tape.run({
    inputs: [a, b],
    outputs: [size],
    savedInputs: [a, b],
    gradients: [gradient(a), gradient(b)],
  });
}

export function subtract(tape: Tape, a: Value, b: Value): Value {
  const size = broadcast(a.size, b.size);
  const isSame = (of: Value) => sameAmount(of.size, size);
  return tape.run({
    inputs: [a, b],
    outputs: [size],
    savedInputs: [a, b],
    gradients: [
      isSame(a) ? { result: 'shared' } : { result: a.size },
      { result: b.size, working: isSame(b) ? nothing : b.size },
    ],
  });
}

/** The gradient of a product or quotient, added up where the input was repeated. */
function scaledGradient(of: Value, size: Amount, working: Amount): InputGradient {
  const isSame = sameAmount(of.size, size);
  return { result: of.size, working: isSame ? working : sum(working, size) };
}

export function multiply(tape: Tape, a: Value, b: Value): Value {
  const size = broadcast(a.size, b.size);
  return tape.run({
    inputs: [a, b],
    outputs: [size],
    savedInputs: [a, b],
    gradients: [scaledGradient(a, size, b.size), scaledGradient(b, size, a.size)],
  });
}

export function divide(tape: Tape, a: Value, b: Value): Value {
  const size = broadcast(a.size, b.size);
  return tape.run({
    inputs: [a, b],
    outputs: [size],
    savedInputs: [a, b],
    gradients: [
      scaledGradient(a, size, b.size),
      { result: b.size, working: sum(a.size, size, times(b.size, 4)) },
    ],
  });
}

/** A number beside tensors: too small to follow. */
export function number(tape: Tape): Value {
  return tape.weight(fixed(1), false);
}

/** How an operation on each value alone is recorded; working space counted in its own size. */
interface Pointwise {
  readonly saves: 'input' | 'output' | 'nothing';
  readonly working: number;
  /** Stays until the step ends. */
  readonly eager?: number;
}

const pointwise = {
  relu: { saves: 'input', working: 0 },
  clip: { saves: 'input', working: 0 },
  leakyRelu: { saves: 'input', working: 1.25 },
  elu: { saves: 'output', working: 0 },
  selu: { saves: 'input', working: 5.25 },
  erf: { saves: 'input', working: 5 },
  power: { saves: 'input', working: 4 },
  tanh: { saves: 'output', working: 2 },
  sigmoid: { saves: 'output', working: 2 },
  exp: { saves: 'output', working: 0 },
  softplus: { saves: 'input', working: 1 },
  softmax: { saves: 'output', working: 1, eager: 1 },
  logSoftmax: { saves: 'output', working: 2 },
  log: { saves: 'input', working: 1 },
  abs: { saves: 'input', working: 2 },
  square: { saves: 'input', working: 2 },
  negative: { saves: 'nothing', working: 0 },
  /** Against a number. */
  smallerOf: { saves: 'input', working: 1.25 },
  /** Of two tensors. */
  largerOf: { saves: 'input', working: 1.25 },
  sqrt: { saves: 'input', working: 2 },
  reversed: { saves: 'nothing', working: 0 },
  transposed: { saves: 'nothing', working: 0 },
} as const satisfies Record<string, Pointwise>;

export function apply(tape: Tape, name: keyof typeof pointwise, x: Value): Value {
  const how: Pointwise = pointwise[name];
  return tape.run({
    inputs: [x],
    outputs: [x.size],
    savedInputs: how.saves === 'input' ? [x] : [],
    savesOutput: how.saves === 'output',
    gradients: [{ result: x.size, working: times(x.size, how.working) }],
    ...(how.eager === undefined ? {} : { eager: times(x.size, how.eager) }),
  });
}

export function cast(tape: Tape, x: Value): Value {
  return tape.run({ inputs: [x], outputs: [x.size], gradients: [{ result: 'shared' }] });
}

/** The same values in another shape. */
export function reshape(tape: Tape, x: Value): Value {
  return tape.run({
    inputs: [x],
    outputs: [{ sharing: x }],
    savedInputs: [x],
    gradients: [{ result: 'shared' }],
  });
}

/** The mean over some axes; the kernel casts its input first. */
export function mean(tape: Tape, x: Value, size: Amount): Value {
  return tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    working: x.size,
    gradients: [{ result: x.size, working: times(x.size, 2) }],
  });
}

export function sumOver(tape: Tape, x: Value, size: Amount): Value {
  return tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    gradients: [{ result: x.size }],
    eager: x.size,
  });
}

/** The largest over some axes. */
export function largest(tape: Tape, x: Value, size: Amount): Value {
  return tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    savesOutput: true,
    gradients: [{ result: x.size, working: times(x.size, 1.25) }],
  });
}

/** A matrix product; with `fused`, one that adds its bias and computes all gradients at once. */
export function matMul(
  tape: Tape,
  x: Value,
  weights: Value,
  size: Amount,
  fused?: { readonly bias: Value | null },
): Value {
  return tape.run(weighted(x, weights, size, fused));
}

export const convolution = matMul;

function weighted(
  x: Value,
  weights: Value,
  size: Amount,
  fused?: { readonly bias: Value | null },
): Operation {
  const gradients: InputGradient[] = [{ result: x.size }, { result: weights.size }];
  if (!fused) {
    const inputs = [x, weights];
    return { inputs, outputs: [size], savedInputs: inputs, gradients };
  }
  const { bias } = fused;
  const inputs = bias ? [x, weights, bias] : [x, weights];
  return {
    inputs,
    outputs: [size],
    savedInputs: inputs,
    savesOutput: true,
    gradients: bias ? [...gradients, { result: bias.size }] : gradients,
    eager: nothing,
  };
}

/** Our kernels for its gradients pad copies, and go over windows in copies of the output's size. */
export function depthwiseConvolution(tape: Tape, x: Value, weights: Value, size: Amount): Value {
  return tape.run({
    inputs: [x, weights],
    outputs: [size],
    savedInputs: [x, weights],
    gradients: [
      { result: x.size, working: x.size },
      { result: weights.size, working: sum(x.size, times(size, 2)) },
    ],
  });
}

export function pool(tape: Tape, kind: 'max' | 'average', x: Value, size: Amount): Value {
  const pooled = tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    savesOutput: kind === 'max',
    gradients: [{ result: x.size }],
  });
  return kind === 'max' ? pooled : cast(tape, pooled);
}

export function resize(tape: Tape, x: Value, size: Amount): Value {
  return tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    gradients: [{ result: x.size }],
  });
}

/** Rows of a table by their indices. */
export function gather(tape: Tape, table: Value, indices: Value, size: Amount): Value {
  return tape.run({
    inputs: [table],
    outputs: [size],
    savedInputs: [table, indices],
    gradients: [{ result: table.size, working: sum(size, table.size) }],
  });
}

export function concatenate(tape: Tape, parts: readonly Value[]): Value {
  return tape.run({
    inputs: parts,
    outputs: [sum(...parts.map(({ size }) => size))],
    savedInputs: parts,
    gradients: parts.map(({ size }) => ({ result: size })),
    eager: nothing,
  });
}

/** Equal parts of a tensor, or parts of these sizes. */
export function split(tape: Tape, x: Value, into: number | readonly Amount[]): Value[] {
  const sizes = typeof into === 'number' ? Array<Amount>(into).fill(times(x.size, 1 / into)) : into;
  return tape.runAll({ inputs: [x], outputs: sizes, gradients: [{ result: x.size }] });
}

/** Repeats a tensor; its gradient (src/trainer/kernels/tileGradient.ts) is added up in a copy with its axes in order. */
export function tile(tape: Tape, x: Value, size: Amount): Value {
  return tape.run({
    inputs: [x],
    outputs: [size],
    savedInputs: [x],
    gradients: [{ result: x.size, working: size }],
  });
}

interface Moments {
  readonly mean: Value;
  readonly variance: Value;
}

export function moments(tape: Tape, x: Value, size: Amount): Moments {
  const [average, variance] = tape.tidy(() => {
    const center = mean(tape, x, size);
    const difference = subtract(tape, cast(tape, x), reshape(tape, center));
    return [center, mean(tape, apply(tape, 'square', difference), size)] as const;
  });
  return { mean: average, variance };
}

/** Normalizes by moments that are one number for each channel, or of the size of x themselves. */
export function normalize(
  tape: Tape,
  x: Value,
  { mean, variance }: Moments,
  scale: Value | null,
  offset: Value | null,
): Value {
  const isWhole = sameAmount(mean.size, x.size);
  const reduced = (working: number): InputGradient =>
    isWhole
      ? { result: x.size, working: times(x.size, working - 1) }
      : { result: mean.size, working: times(x.size, working) };
  const inputs: Value[] = [x];
  const gradients: InputGradient[] = [{ result: x.size, working: times(x.size, isWhole ? 1 : 2) }];
  const take = (input: Value | null, gradient: InputGradient) => {
    if (!input) return;
    inputs.push(input);
    gradients.push(gradient);
  };
  take(scale, reduced(2));
  take(offset, isWhole ? { result: 'shared' } : { result: mean.size });
  take(mean, reduced(isWhole ? 2 : 1));
  take(variance, reduced(2));
  return tape.run({
    inputs,
    outputs: [x.size],
    savedInputs: [x, mean, variance, ...(scale ? [scale] : [])],
    gradients,
    eager: times(x.size, isWhole ? 7 : 2),
  });
}

/** Normalizes by its own moments in one kernel (src/trainer/kernels/batchNormalization.ts). */
export function normalizeBatch(
  tape: Tape,
  x: Value,
  channels: Amount,
  weights: readonly (Value | null)[],
): Value {
  const given = weights.filter((weight) => weight !== null);
  return tape.run({
    inputs: [x, ...given],
    outputs: [x.size, channels, channels],
    savedInputs: [x, ...given.slice(0, 1)],
    gradients: [{ result: x.size }, ...given.map(({ size }) => ({ result: size }))],
    eager: nothing,
  });
}

/** A mask of ones over the rate kept and zeros, and its product with the input. */
export function dropout(tape: Tape, x: Value): Value {
  return tape.tidy(() => {
    const shifted = add(tape, tape.constant(x.size), number(tape));
    const floored = tape.run({ inputs: [shifted], outputs: [x.size] });
    return multiply(tape, x, divide(tape, floored, number(tape)));
  });
}
