import { activate, slope } from './activations';
import { copyBlocks, sumRows } from './elementwise';
import { matrixProduct } from './matrixProduct';
import {
  Recurrence, gatesOf, gru, gruResetAfter, inputAt, isMasked, lstm, multiply, put, rowBytes, simple,
  slotsOf, stateBytes, take, usedStates,
} from './recurrence';

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

/** Whether a sample is masked in a step; then the gradients of its gates, at `gates`, are 0. */
function passesNothing(info: Recurrence, sample: u32, step: u32, gates: usize): bool {
  if (!isMasked(info, sample, step)) return false;
  memory.fill(gates, 0, rowBytes(info));
  return true;
}

function simpleBack(info: Recurrence, step: u32, gates: usize, gradients: usize): void {
  const unit = <usize>info.units * 4;
  for (let sample: u32 = 0; sample < info.batch; sample++, gates += unit, gradients += unit) {
    if (passesNothing(info, sample, step, gates)) continue;
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
    if (passesNothing(info, sample, step, gates)) continue;
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
    if (passesNothing(info, sample, step, gates + 3 * row)) {
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
    if (passesNothing(info, sample, step, gates + 4 * row)) {
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
