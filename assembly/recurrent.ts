/*
 * Recurrent layers over a whole sequence. The activated gates of all steps, [steps, batch, slots ·
 * units], and the states before and after each, [steps + 1, batch, units], lie in the order of time
 * and are kept for the way back, where the gradients of the gates take their place. All work on a
 * description that lies in memory, as 32-bit numbers.
 */
import { activate, slope } from './activations';
import { copyBlocks, sumRows } from './elementwise';
import { matrixProduct } from './matrixProduct';

const simple: u32 = 0;
const lstm: u32 = 1;
/** A GRU whose reset gate acts on the state, before the product with the recurrent kernel. */
const gru: u32 = 2;
/** One whose reset gate acts on that product, which has a slot of its own. */
const gruResetAfter: u32 = 3;

/** In the order of `describe` in src/trainer/kernels/simd/recurrent.ts. */
@unmanaged
class Recurrence {
  cell: u32;
  batch: u32;
  steps: u32;
  features: u32;
  units: u32;
  activation: u32;
  recurrentActivation: u32;
  /** Whether time runs from the last step of x to the first. */
  backwards: u32;
  /** Whether the output is every step, [batch, steps, units], or the last, [batch, units]. */
  sequences: u32;
  /** Whether gates and states of every step are kept, or those of the last alone. */
  kept: u32;
  /** [batch, steps, features] */
  x: usize;
  /** [features, gates · units] */
  kernel: usize;
  /** [units, gates · units] */
  recurrent: usize;
  /** [gates · units], of a GRU that resets after [2, gates · units], or 0. */
  bias: usize;
  /** [batch, steps] of zeros where the state stays as it is and ones, or 0. */
  mask: usize;
  /** [batch, units], with which states are multiplied before they are used, or 0. */
  stateMask: usize;
  states: usize;
  /** Of an LSTM, like `states`. */
  cells: usize;
  gates: usize;
}

@inline
function slotsOf(cell: u32): u32 {
  if (cell == simple) return 1;
  return cell == gru ? 3 : 4;
}

@inline
function gatesOf(cell: u32): u32 {
  return cell == gruResetAfter ? 3 : slotsOf(cell);
}

@inline
function stateBytes(info: Recurrence): usize {
  return <usize>info.batch * info.units * 4;
}

@inline
function rowBytes(info: Recurrence): usize {
  return <usize>slotsOf(info.cell) * info.units * 4;
}

/** Bytes that `recur` works in. */
export function recurWork(at: usize): usize {
  return 2 * stateBytes(changetype<Recurrence>(at));
}

/** Bytes that `recurBack` works in. */
export function recurBackWork(at: usize): usize {
  const info = changetype<Recurrence>(at);
  const widest = max(info.units, info.features);
  const rows = <usize>info.steps * info.batch * widest * 4;
  return 5 * stateBytes(info) + rowBytes(info) + rows;
}

@inline
function take(at: usize, count: u32): v128 {
  return count >= 4 ? v128.load(at) : takeSome(at, count);
}

function takeSome(at: usize, count: u32): v128 {
  let values = f32x4.splat(0);
  values = v128.load_lane<f32>(at, values, 0);
  if (count > 1) values = v128.load_lane<f32>(at + 4, values, 1);
  if (count > 2) values = v128.load_lane<f32>(at + 8, values, 2);
  return values;
}

@inline
function put(at: usize, values: v128, count: u32): void {
  if (count >= 4) v128.store(at, values);
  else putSome(at, values, count);
}

function putSome(at: usize, values: v128, count: u32): void {
  v128.store_lane<f32>(at, values, 0);
  if (count > 1) v128.store_lane<f32>(at + 4, values, 1);
  if (count > 2) v128.store_lane<f32>(at + 8, values, 2);
}

/** Where a step's values of x begin, and the bytes between those of two samples. */
@inline
function inputAt(info: Recurrence, x: usize, step: u32): usize {
  const time = info.backwards ? info.steps - 1 - step : step;
  return x + <usize>time * info.features * 4;
}

@inline
function isMasked(info: Recurrence, sample: u32, step: u32): bool {
  if (info.mask == 0) return false;
  const time = info.backwards ? info.steps - 1 - step : step;
  return load<f32>(info.mask + (<usize>sample * info.steps + time) * 4) == 0;
}

/** to = a · b, value by value. */
function multiply(count: u32, a: usize, b: usize, to: usize): void {
  for (let at: u32 = 0; at < count; at += 4, a += 16, b += 16, to += 16) {
    const some = count - at;
    put(to, f32x4.mul(take(a, some), take(b, some)), some);
  }
}

/** The states that a step works with: `states`, or their product with the mask in `scratch`. */
function usedStates(info: Recurrence, states: usize, scratch: usize): usize {
  if (info.stateMask == 0) return states;
  multiply(info.batch * info.units, states, info.stateMask, scratch);
  return scratch;
}

/**
 * The layer's output into `output`; the states before the first step lie in `states` and `cells`.
 * `scratch` is that of matrix products.
 */
export function recur(at: usize, output: usize, work: usize, scratch: usize): void {
  const info = changetype<Recurrence>(at);
  const bytes = stateBytes(info);
  const masked = work;
  const units = <usize>info.units * 4;
  for (let step: u32 = 0; step < info.steps; step++) {
    const before = <usize>(info.kept ? step : step & 1) * bytes;
    const after = <usize>(info.kept ? step + 1 : (step + 1) & 1) * bytes;
    const gates = info.gates + (info.kept ? <usize>step * info.batch * rowBytes(info) : 0);
    const states = usedStates(info, info.states + before, masked);
    const next = info.states + after;
    fromInput(info, step, gates, scratch);
    if (info.cell == gru) {
      gruStep(info, gates, states, next, masked + bytes, scratch);
    } else {
      fromState(info, gates, states, scratch);
      if (info.cell == lstm) {
        lstmStep(info, gates, info.cells + before, next, info.cells + after);
      } else if (info.cell == simple) simpleStep(info, gates, next);
      else gruResetAfterStep(info, gates, states, next);
    }
    if (info.mask) {
      for (let sample: u32 = 0; sample < info.batch; sample++) {
        if (!isMasked(info, sample, step)) continue;
        const row = <usize>sample * units;
        memory.copy(next + row, info.states + before + row, units);
        if (info.cell == lstm) memory.copy(info.cells + after + row, info.cells + before + row, units);
      }
    }
    if (info.sequences) {
      copyBlocks(info.batch, units, next, units, output + step * units, info.steps * units);
    } else if (step == info.steps - 1) memory.copy(output, next, bytes);
  }
}

/** gates = bias + x · kernel for a step; the product with the state of a GRU is given its own bias. */
function fromInput(info: Recurrence, step: u32, gates: usize, scratch: usize): void {
  const row = rowBytes(info);
  const unit = <usize>info.units * 4;
  const columns = gatesOf(info.cell) * info.units;
  if (info.bias) {
    for (let sample: u32 = 0; sample < info.batch; sample++) {
      memory.copy(gates + sample * row, info.bias, columns * 4);
    }
    if (info.cell == gruResetAfter) {
      const second = info.bias + 3 * unit;
      for (let sample: u32 = 0; sample < info.batch; sample++) {
        const to = gates + sample * row;
        for (let at: u32 = 0; at < 2 * info.units; at++) {
          store<f32>(to + at * 4, load<f32>(to + at * 4) + load<f32>(second + at * 4));
        }
        memory.copy(to + 3 * unit, second + 2 * unit, unit);
      }
    }
  } else if (info.cell == gruResetAfter) memory.fill(gates, 0, info.batch * row);
  matrixProduct(
    info.batch, columns, info.features,
    inputAt(info, info.x, step), <usize>info.steps * info.features * 4, 4,
    info.kernel, columns * 4, 4, gates, row, info.bias != 0, scratch,
  );
}

/** gates += states · recurrent kernel. */
function fromState(info: Recurrence, gates: usize, states: usize, scratch: usize): void {
  const units = info.units;
  const row = rowBytes(info);
  const columns = gatesOf(info.cell) * units;
  const first = info.cell == gruResetAfter ? 2 * units : columns;
  matrixProduct(
    info.batch, first, units, states, units * 4, 4,
    info.recurrent, columns * 4, 4, gates, row, true, scratch,
  );
  if (first == columns) return;
  matrixProduct(
    info.batch, units, units, states, units * 4, 4, info.recurrent + first * 4, columns * 4, 4,
    gates + columns * 4, row, true, scratch,
  );
}

function simpleStep(info: Recurrence, gates: usize, next: usize): void {
  const count = info.batch * info.units;
  for (let at: u32 = 0; at < count; at += 4, gates += 16, next += 16) {
    const some = count - at;
    const y = activate(info.activation, take(gates, some));
    put(gates, y, some);
    put(next, y, some);
  }
}

function lstmStep(info: Recurrence, gates: usize, cells: usize, next: usize, nextCells: usize): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  for (let sample: u32 = 0; sample < info.batch; sample++, gates += 4 * unit) {
    const row = <usize>sample * unit;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + at * 4;
      const input = activate(gate, take(from, some));
      const forget = activate(gate, take(from + unit, some));
      const candidate = activate(info.activation, take(from + 2 * unit, some));
      const output = activate(gate, take(from + 3 * unit, some));
      put(from, input, some);
      put(from + unit, forget, some);
      put(from + 2 * unit, candidate, some);
      put(from + 3 * unit, output, some);
      const place = row + at * 4;
      const kept = f32x4.mul(forget, take(cells + place, some));
      const cell = f32x4.add(kept, f32x4.mul(input, candidate));
      put(nextCells + place, cell, some);
      put(next + place, f32x4.mul(output, activate(info.activation, cell)), some);
    }
  }
}

/** update · state + (1 − update) · candidate */
@inline
function mixed(update: v128, state: v128, candidate: v128): v128 {
  const rest = f32x4.sub(f32x4.splat(1), update);
  return f32x4.add(f32x4.mul(update, state), f32x4.mul(rest, candidate));
}

function gruStep(
  info: Recurrence, gates: usize, states: usize, next: usize, reset: usize, scratch: usize,
): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  matrixProduct(
    info.batch, 2 * info.units, info.units, states, unit, 4,
    info.recurrent, 3 * unit, 4, gates, 3 * unit, true, scratch,
  );
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + 3 * row + at * 4;
      put(from, activate(gate, take(from, some)), some);
      const resets = activate(gate, take(from + unit, some));
      put(from + unit, resets, some);
      const place = row + at * 4;
      put(reset + place, f32x4.mul(resets, take(states + place, some)), some);
    }
  }
  matrixProduct(
    info.batch, info.units, info.units, reset, unit, 4,
    info.recurrent + 2 * unit, 3 * unit, 4, gates + 2 * unit, 3 * unit, true, scratch,
  );
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + 3 * row + at * 4;
      const candidate = activate(info.activation, take(from + 2 * unit, some));
      put(from + 2 * unit, candidate, some);
      const place = row + at * 4;
      put(next + place, mixed(take(from, some), take(states + place, some), candidate), some);
    }
  }
}

function gruResetAfterStep(info: Recurrence, gates: usize, states: usize, next: usize): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + 4 * row + at * 4;
      const update = activate(gate, take(from, some));
      const reset = activate(gate, take(from + unit, some));
      const product = f32x4.mul(reset, take(from + 3 * unit, some));
      const candidate = activate(info.activation, f32x4.add(take(from + 2 * unit, some), product));
      put(from, update, some);
      put(from + unit, reset, some);
      put(from + 2 * unit, candidate, some);
      const place = row + at * 4;
      put(next + place, mixed(update, take(states + place, some), candidate), some);
    }
  }
}

/**
 * The gradients of the kernels and the bias (0: there is none) from `dy`, which is shaped like the
 * output; those of the gates take the gates' place.
 */
export function recurBack(
  at: usize, dy: usize, dKernel: usize, dRecurrent: usize, dBias: usize,
  work: usize, scratch: usize,
): void {
  const info = changetype<Recurrence>(at);
  const bytes = stateBytes(info);
  const unit = <usize>info.units * 4;
  const gradients = work;
  const cellGradients = gradients + bytes;
  const through = cellGradients + bytes;
  const masked = through + bytes;
  const other = masked + bytes;
  const sums = other + bytes;
  const rows = sums + rowBytes(info);
  memory.fill(gradients, 0, 2 * bytes);
  if (!info.sequences) memory.copy(gradients, dy, bytes);
  for (let step = info.steps; step-- > 0; ) {
    const before = <usize>step * bytes;
    const gates = info.gates + <usize>step * info.batch * rowBytes(info);
    if (info.sequences) addSteps(info, dy + step * unit, gradients);
    const states = usedStates(info, info.states + before, masked);
    if (info.cell == lstm) {
      lstmBack(info, step, gates, gradients, cellGradients);
      memory.fill(through, 0, bytes);
    } else if (info.cell == simple) {
      simpleBack(info, step, gates, gradients);
      memory.fill(through, 0, bytes);
    } else if (info.cell == gru) {
      // What the candidate was made of is needed at the end, once its gate is overwritten.
      gruBack(info, step, gates, states, gradients, through, other, rows + before, scratch);
    } else gruResetAfterBack(info, step, gates, states, gradients, through);
    throughState(info, gates, through, scratch);
    if (info.stateMask) multiply(info.batch * info.units, through, info.stateMask, through);
    for (let sample: u32 = 0; sample < info.batch; sample++) {
      if (isMasked(info, sample, step)) continue;
      memory.copy(gradients + sample * unit, through + sample * unit, unit);
    }
  }
  weightGradients(info, dKernel, dRecurrent, rows, scratch);
  if (dBias) biasGradients(info, dBias, sums);
}

/** gradients += a step of dy. */
function addSteps(info: Recurrence, dy: usize, gradients: usize): void {
  const unit = <usize>info.units * 4;
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const to = gradients + at * 4;
      put(to, f32x4.add(take(to, some), take(dy + at * 4, some)), some);
    }
    gradients += unit;
    dy += info.steps * unit;
  }
}

function simpleBack(info: Recurrence, step: u32, gates: usize, gradients: usize): void {
  const unit = <usize>info.units * 4;
  for (let sample: u32 = 0; sample < info.batch; sample++, gates += unit, gradients += unit) {
    if (isMasked(info, sample, step)) {
      memory.fill(gates, 0, unit);
      continue;
    }
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const to = gates + at * 4;
      const slopes = slope(info.activation, take(to, some));
      put(to, f32x4.mul(take(gradients + at * 4, some), slopes), some);
    }
  }
}

function lstmBack(
  info: Recurrence, step: u32, gates: usize, gradients: usize, cellGradients: usize,
): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  const before = info.cells + <usize>step * stateBytes(info);
  const after = before + stateBytes(info);
  for (let sample: u32 = 0; sample < info.batch; sample++, gates += 4 * unit) {
    if (isMasked(info, sample, step)) {
      memory.fill(gates, 0, 4 * unit);
      continue;
    }
    const row = <usize>sample * unit;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + at * 4;
      const place = row + at * 4;
      const input = take(from, some);
      const forget = take(from + unit, some);
      const candidate = take(from + 2 * unit, some);
      const output = take(from + 3 * unit, some);
      const active = activate(info.activation, take(after + place, some));
      const dState = take(gradients + place, some);
      const dActive = f32x4.mul(f32x4.mul(dState, output), slope(info.activation, active));
      const dCell = f32x4.add(take(cellGradients + place, some), dActive);
      const dInput = f32x4.mul(dCell, candidate);
      const dForget = f32x4.mul(dCell, take(before + place, some));
      const dCandidate = f32x4.mul(dCell, input);
      put(from, f32x4.mul(dInput, slope(gate, input)), some);
      put(from + unit, f32x4.mul(dForget, slope(gate, forget)), some);
      put(from + 2 * unit, f32x4.mul(dCandidate, slope(info.activation, candidate)), some);
      put(from + 3 * unit, f32x4.mul(f32x4.mul(dState, active), slope(gate, output)), some);
      put(cellGradients + place, f32x4.mul(dCell, forget), some);
    }
  }
}

function gruBack(
  info: Recurrence, step: u32, gates: usize, states: usize, gradients: usize,
  through: usize, dReset: usize, reset: usize, scratch: usize,
): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    if (isMasked(info, sample, step)) {
      memory.fill(gates + 3 * row, 0, 3 * unit);
      memory.fill(through + row, 0, unit);
      memory.fill(reset + row, 0, unit);
      continue;
    }
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + 3 * row + at * 4;
      const place = row + at * 4;
      const update = take(from, some);
      const candidate = take(from + 2 * unit, some);
      const state = take(states + place, some);
      const dState = take(gradients + place, some);
      const dUpdate = f32x4.mul(dState, f32x4.sub(state, candidate));
      const dCandidate = f32x4.mul(dState, f32x4.sub(f32x4.splat(1), update));
      put(reset + place, f32x4.mul(take(from + unit, some), state), some);
      put(from, f32x4.mul(dUpdate, slope(gate, update)), some);
      put(from + 2 * unit, f32x4.mul(dCandidate, slope(info.activation, candidate)), some);
      put(through + place, f32x4.mul(dState, update), some);
    }
  }
  matrixProduct(
    info.batch, info.units, info.units, gates + 2 * unit, 3 * unit, 4,
    info.recurrent + 2 * unit, 4, 3 * unit, dReset, unit, false, scratch,
  );
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    if (isMasked(info, sample, step)) continue;
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const to = gates + 3 * row + unit + at * 4;
      const place = row + at * 4;
      const resets = take(to, some);
      const gradient = take(dReset + place, some);
      const passed = f32x4.mul(gradient, resets);
      put(through + place, f32x4.add(take(through + place, some), passed), some);
      const dGate = f32x4.mul(gradient, take(states + place, some));
      put(to, f32x4.mul(dGate, slope(gate, resets)), some);
    }
  }
}

function gruResetAfterBack(
  info: Recurrence, step: u32, gates: usize, states: usize, gradients: usize, through: usize,
): void {
  const unit = <usize>info.units * 4;
  const gate = info.recurrentActivation;
  for (let sample: u32 = 0; sample < info.batch; sample++) {
    const row = <usize>sample * unit;
    if (isMasked(info, sample, step)) {
      memory.fill(gates + 4 * row, 0, 4 * unit);
      memory.fill(through + row, 0, unit);
      continue;
    }
    for (let at: u32 = 0; at < info.units; at += 4) {
      const some = info.units - at;
      const from = gates + 4 * row + at * 4;
      const place = row + at * 4;
      const update = take(from, some);
      const reset = take(from + unit, some);
      const candidate = take(from + 2 * unit, some);
      const product = take(from + 3 * unit, some);
      const dState = take(gradients + place, some);
      const dUpdate = f32x4.mul(dState, f32x4.sub(take(states + place, some), candidate));
      const dMixed = f32x4.mul(dState, f32x4.sub(f32x4.splat(1), update));
      const dCandidate = f32x4.mul(dMixed, slope(info.activation, candidate));
      put(from, f32x4.mul(dUpdate, slope(gate, update)), some);
      put(from + unit, f32x4.mul(f32x4.mul(dCandidate, product), slope(gate, reset)), some);
      put(from + 2 * unit, dCandidate, some);
      put(from + 3 * unit, f32x4.mul(dCandidate, reset), some);
      put(through + place, f32x4.mul(dState, update), some);
    }
  }
}

/** through += gradients of gates · recurrent kernel, transposed. */
function throughState(info: Recurrence, gates: usize, through: usize, scratch: usize): void {
  const unit = <usize>info.units * 4;
  const row = rowBytes(info);
  const columns = gatesOf(info.cell) * info.units;
  const isGru = info.cell == gru || info.cell == gruResetAfter;
  const first = isGru ? 2 * info.units : columns;
  matrixProduct(
    info.batch, info.units, first, gates, row, 4,
    info.recurrent, 4, columns * 4, through, unit, true, scratch,
  );
  if (info.cell != gruResetAfter) return;
  matrixProduct(
    info.batch, info.units, info.units, gates + 3 * unit, row, 4,
    info.recurrent + 2 * unit, 4, columns * 4, through, unit, true, scratch,
  );
}

/** Over all steps at once: what each gate was computed from, transposed, times its gradients. */
function weightGradients(
  info: Recurrence, dKernel: usize, dRecurrent: usize, rows: usize, scratch: usize,
): void {
  const unit = <usize>info.units * 4;
  const row = rowBytes(info);
  const all = info.steps * info.batch;
  const columns = gatesOf(info.cell) * info.units;
  const isGru = info.cell == gru || info.cell == gruResetAfter;
  if (info.cell == gru) {
    matrixProduct(
      info.units, info.units, all, rows, 4, unit, info.gates + 2 * unit, row, 4,
      dRecurrent + 2 * unit, 3 * unit, false, scratch,
    );
  }
  let states = info.states;
  if (info.stateMask) {
    const bytes = stateBytes(info);
    states = rows;
    for (let step: u32 = 0; step < info.steps; step++) {
      const at = <usize>step * bytes;
      multiply(info.batch * info.units, info.states + at, info.stateMask, rows + at);
    }
  }
  matrixProduct(
    info.units, isGru ? 2 * info.units : columns, all, states, 4, unit, info.gates, row, 4,
    dRecurrent, columns * 4, false, scratch,
  );
  if (info.cell == gruResetAfter) {
    matrixProduct(
      info.units, info.units, all, states, 4, unit, info.gates + 3 * unit, row, 4,
      dRecurrent + 2 * unit, 3 * unit, false, scratch,
    );
  }
  const features = <usize>info.features * 4;
  for (let step: u32 = 0; step < info.steps; step++) {
    const to = rows + <usize>step * info.batch * features;
    copyBlocks(info.batch, features, inputAt(info, info.x, step), info.steps * features, to, features);
  }
  matrixProduct(
    info.features, columns, all, rows, 4, features, info.gates, row, 4,
    dKernel, columns * 4, false, scratch,
  );
}

function biasGradients(info: Recurrence, dBias: usize, sums: usize): void {
  const unit = <usize>info.units * 4;
  const columns = <usize>gatesOf(info.cell) * unit;
  sumRows(info.steps * info.batch, slotsOf(info.cell) * info.units, info.gates, sums);
  memory.copy(dBias, sums, columns);
  if (info.cell != gruResetAfter) return;
  memory.copy(dBias + columns, sums, 2 * unit);
  memory.copy(dBias + columns + 2 * unit, sums + 3 * unit, unit);
}

/** The gradient of x from those of the gates, after `recurBack`. */
export function recurInput(at: usize, dx: usize, scratch: usize): void {
  const info = changetype<Recurrence>(at);
  const row = rowBytes(info);
  const columns = gatesOf(info.cell) * info.units;
  for (let step: u32 = 0; step < info.steps; step++) {
    matrixProduct(
      info.batch, info.features, columns,
      info.gates + <usize>step * info.batch * row, row, 4, info.kernel, 4, columns * 4,
      inputAt(info, dx, step), <usize>info.steps * info.features * 4, false, scratch,
    );
  }
}
