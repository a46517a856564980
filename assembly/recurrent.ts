import { activate } from './activations';
import { copyBlocks } from './elementwise';
import { matrixProduct } from './matrixProduct';
import {
  Recurrence, gatesOf, gru, gruResetAfter, inputAt, isMasked, lstm, put, rowBytes, simple, stateBytes,
  take, usedStates,
} from './recurrence';

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
