import type { JsonObject } from '../json';
import type { Shape } from '../layerCost';
import { activate } from './activations';
import { fixed, nothing, perSample, times } from './amount';
import {
  add,
  apply,
  concatenate,
  dropout,
  matMul,
  multiply,
  number,
  split,
  subtract,
  sumOver,
  tile,
} from './operations';
import type { Tape, Value } from './tape';

export type Cell = 'LSTM' | 'GRU' | 'SimpleRNN';

interface Shaped {
  readonly value: Value;
  readonly shape: Shape;
}

interface Weights {
  readonly kernel: Value;
  readonly recurrent: Value;
  readonly bias: Value | null;
  readonly units: number;
  readonly activation: unknown;
  readonly recurrentActivation: unknown;
  /** Of a GRU: its reset gate is applied after the product with the state. */
  readonly resetsAfter: boolean;
}

/** One step: the output, which is the first state too, and the states after it. */
type Step = (tape: Tape, weights: Weights, x: Value, states: readonly Value[]) => Value[];

/** Activations of the kernels that run whole sequences, in the order of assembly/activations.ts. */
export const fusedActivations = [
  'linear',
  'tanh',
  'sigmoid',
  'relu',
  'hardSigmoid',
  'hardSigmoid6',
] as const;
export type FusedActivation = (typeof fusedActivations)[number];

function isFusedActivation(name: unknown): boolean {
  const own = name === 'hard_sigmoid' ? 'hardSigmoid' : name;
  return fusedActivations.some((each) => each === own);
}

const gatesOf: Readonly<Record<Cell, number>> = { LSTM: 4, GRU: 3, SimpleRNN: 1 };

/** `rnn` of tfjs layers: unstacked along time, one call of the cell after another. */
export function recurrent(
  tape: Tape,
  cell: Cell,
  config: JsonObject,
  { value, shape }: Shaped,
  isTrained: boolean,
): Value {
  const units = typeof config.units === 'number' ? config.units : 1;
  const [steps = 1, features = 1] = shape.map((length) => length ?? 1);
  const gates = gatesOf[cell];
  const weight = (values: number) => tape.weight(fixed(values), isTrained);
  const weights: Weights = {
    kernel: weight(features * units * gates),
    recurrent: weight(units * units * gates),
    bias: config.use_bias === false ? null : weight(units * gates),
    units,
    activation: config.activation ?? 'tanh',
    recurrentActivation: config.recurrent_activation ?? 'hardSigmoid',
    resetsAfter: config.reset_after === true,
  };
  const used =
    cell === 'SimpleRNN' ? [weights.activation] : [weights.activation, weights.recurrentActivation];
  const keepsState = config.return_state === true || config.stateful === true;
  if (tape.ownKernels && !keepsState && used.every(isFusedActivation)) {
    return inOneKernel(tape, cell, config, { value, shape: [steps, features] }, weights);
  }
  const state = perSample(units);
  let states = tape.tidy(() => {
    const zeros = sumOver(tape, tape.constant(value.size), perSample(1));
    return Array.from({ length: cell === 'LSTM' ? 2 : 1 }, () => tile(tape, zeros, state));
  });
  const masks = masksOf(tape, config, cell, { features, units });
  return overTime(tape, { value, shape: [steps, features] }, config, (x) => {
    const masked = masks.input ? multiply(tape, x, masks.input) : x;
    const [h, ...others] = states;
    const before = masks.state && h ? [multiply(tape, h, masks.state), ...others] : states;
    states = cells[cell](tape, weights, masked, before);
    return states;
  });
}

/**
 * All steps in one kernel, which keeps gates and states for the way back: so on WASM. Other backends
 * take one step after the other and hold more: see Tape.
 */
function inOneKernel(
  tape: Tape,
  cell: Cell,
  config: JsonObject,
  { value, shape }: Shaped,
  { kernel, recurrent, bias, units, resetsAfter }: Weights,
): Value {
  const [steps, features] = shape.map((length) => length ?? 1) as [number, number];
  const kept = tape.training ? steps : 1;
  return tape.tidy(() => {
    const mask = (rate: unknown, values: number) =>
      tape.training && typeof rate === 'number' && rate > 0
        ? dropout(tape, tape.constant(perSample(values)))
        : null;
    const inputMask = mask(config.dropout, features);
    const x = inputMask ? multiply(tape, value, inputMask) : value;
    const stateMask = mask(config.recurrent_dropout, units);
    const slots = resetsAfter ? 4 : gatesOf[cell];
    const memory = [
      tape.constant(perSample((kept + 1) * units)),
      tape.constant(perSample(kept * slots * units)),
      ...(cell === 'LSTM' ? [tape.constant(perSample((kept + 1) * units))] : []),
    ];
    // In the order of their gradients: one kernel computes those of the weights first.
    const inputs = [kernel, recurrent, ...(bias ? [bias] : []), x];
    const backwards = 5 * units + steps * Math.max(units, features);
    return tape.run({
      inputs,
      outputs: [perSample(config.return_sequences === true ? steps * units : units)],
      savedInputs: [...inputs, ...memory, ...(stateMask ? [stateMask] : [])],
      working: perSample(2 * units),
      gradients: [
        { result: kernel.size, working: perSample(backwards) },
        { result: recurrent.size },
        ...(bias ? [{ result: bias.size }] : []),
        { result: x.size },
      ],
      ...(kernel.tracked ? {} : { eager: nothing }),
    });
  });
}

/** Masks that all steps share; tfjs makes one for each gate and uses the first. */
function masksOf(
  tape: Tape,
  config: JsonObject,
  cell: Cell,
  { features, units }: { readonly features: number; readonly units: number },
): { readonly input: Value | null; readonly state: Value | null } {
  const make = (rate: unknown, values: number) => {
    if (!tape.training || typeof rate !== 'number' || rate === 0) return null;
    const gates = gatesOf[cell];
    const masks = Array.from({ length: gates }, () =>
      dropout(tape, tape.constant(perSample(values))),
    );
    return masks[0] ?? null;
  };
  return { input: make(config.dropout, features), state: make(config.recurrent_dropout, units) };
}

/** A step for each place in time; the last output, or all of them stacked. */
function overTime(
  tape: Tape,
  { value, shape }: Shaped,
  config: JsonObject,
  step: (x: Value) => readonly Value[],
): Value {
  const steps = shape[0] ?? 1;
  let ordered = apply(tape, 'transposed', value);
  if (config.go_backwards === true) ordered = apply(tape, 'reversed', ordered);
  const slices = split(tape, ordered, steps);
  const outputs: Value[] = [];
  for (const slice of slices) {
    const [output] = tape.tidy(() => step(slice));
    if (output) outputs.push(output);
  }
  const [last] = outputs.slice(-1);
  if (!last) return value;
  return config.return_sequences === true ? concatenate(tape, outputs) : last;
}

const cells: Readonly<Record<Cell, Step>> = {
  SimpleRNN: (tape, weights, x, [h]) => {
    const { kernel, recurrent, bias, units, activation } = weights;
    const fromInput = withBias(tape, product(tape, x, kernel, units), bias);
    if (!h) return [fromInput];
    const sum = add(tape, fromInput, product(tape, h, recurrent, units));
    return [activate(tape, activation, sum)];
  },
  LSTM: (tape, weights, x, [h, c]) => {
    const { kernel, recurrent, bias, units, activation, recurrentActivation } = weights;
    if (!h || !c) return [x];
    const fromInput = product(tape, x, kernel, 4 * units);
    const fromState = product(tape, h, recurrent, 4 * units);
    const all = withBias(tape, add(tape, fromInput, fromState), bias);
    const [z0, z1, z2, z3] = split(tape, all, 4);
    if (!z0 || !z1 || !z2 || !z3) return [x];
    const input = activate(tape, recurrentActivation, z0);
    const forget = activate(tape, recurrentActivation, z1);
    const kept = multiply(tape, forget, c);
    const taken = multiply(tape, input, activate(tape, activation, z2));
    const cell = add(tape, kept, taken);
    const output = activate(tape, recurrentActivation, z3);
    return [multiply(tape, output, activate(tape, activation, cell)), cell];
  },
  GRU: (tape, weights, x, [h]) => {
    const { kernel, recurrent, bias, units, activation, recurrentActivation } = weights;
    if (!h) return [x];
    if (weights.resetsAfter) return [resetAfter(tape, weights, x, h)];
    const fromInput = withBias(tape, product(tape, x, kernel, 3 * units), bias);
    const square = fixed(units * units);
    const [gates, candidate] = split(tape, recurrent, [times(square, 2), square]);
    if (!gates || !candidate) return [x];
    const fromState = product(tape, h, gates, 2 * units);
    const [xz, xr, xh] = split(tape, fromInput, 3);
    const [hz, hr] = split(tape, fromState, 2);
    if (!xz || !xr || !xh || !hz || !hr) return [x];
    const update = activate(tape, recurrentActivation, add(tape, xz, hz));
    const reset = activate(tape, recurrentActivation, add(tape, xr, hr));
    const fromReset = product(tape, multiply(tape, reset, h), candidate, units);
    const next = activate(tape, activation, add(tape, xh, fromReset));
    const kept = multiply(tape, update, h);
    const rest = add(tape, number(tape), apply(tape, 'negative', update));
    return [add(tape, kept, multiply(tape, rest, next))];
  },
};

/** As src/trainer/layers/gru.ts computes it, whose products are plain ones. */
function resetAfter(tape: Tape, weights: Weights, x: Value, h: Value): Value {
  const { kernel, recurrent, bias, units, activation, recurrentActivation } = weights;
  const size = perSample(3 * units);
  const gates = (from: Value, by: Value) =>
    split(tape, withBias(tape, matMul(tape, from, by, size), bias), 3);
  const [xz, xr, xh] = gates(x, kernel);
  const [hz, hr, hh] = gates(h, recurrent);
  if (!xz || !xr || !xh || !hz || !hr || !hh) return x;
  const update = activate(tape, recurrentActivation, add(tape, xz, hz));
  const reset = activate(tape, recurrentActivation, add(tape, xr, hr));
  const next = activate(tape, activation, add(tape, xh, multiply(tape, reset, hh)));
  const rest = subtract(tape, number(tape), update);
  return add(tape, multiply(tape, update, h), multiply(tape, rest, next));
}

/** Products of recurrent cells are fused ones without a bias. */
function product(tape: Tape, x: Value, weights: Value, units: number): Value {
  return matMul(tape, x, weights, perSample(units), { bias: null });
}

function withBias(tape: Tape, x: Value, bias: Value | null): Value {
  return bias ? add(tape, x, bias) : x;
}

/** Both directions, the second one turned round again where every step counts. */
export function bidirectional(
  tape: Tape,
  mode: unknown,
  config: JsonObject,
  call: (reversed: boolean) => Value,
): Value {
  const forward = tape.tidy(() => call(false));
  const back = tape.tidy(() => call(true));
  const turned = config.return_sequences === true ? apply(tape, 'reversed', back) : back;
  if (mode === 'sum') return add(tape, forward, turned);
  if (mode === 'ave') return multiply(tape, number(tape), add(tape, forward, turned));
  if (mode === 'mul') return multiply(tape, forward, turned);
  return concatenate(tape, [forward, turned]);
}

/** A layer called at each place in time, its outputs stacked. */
export function timeDistributed(
  tape: Tape,
  { value, shape }: Shaped,
  call: (step: Shaped) => Value,
): Value {
  const [, ...rest] = shape;
  const config = { return_sequences: true };
  return overTime(tape, { value, shape }, config, (x) => [call({ value: x, shape: rest })]);
}
