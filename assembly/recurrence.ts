/*
 * What recurrent layers over a whole sequence share, forward (recurrent.ts) and back
 * (recurrentGradient.ts). The activated gates of all steps, [steps, batch, slots ·
 * units], and the states before and after each, [steps + 1, batch, units], lie in the order of time
 * and are kept for the way back, where the gradients of the gates take their place. All work on a
 * description that lies in memory, as 32-bit numbers.
 */
export const simple: u32 = 0;
export const lstm: u32 = 1;
/** A GRU whose reset gate acts on the state, before the product with the recurrent kernel. */
export const gru: u32 = 2;
/** One whose reset gate acts on that product, which has a slot of its own. */
export const gruResetAfter: u32 = 3;

/** In the order of `describe` in src/trainer/kernels/simd/recurrent.ts. */
@unmanaged
export class Recurrence {
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
export function slotsOf(cell: u32): u32 {
  if (cell == simple) return 1;
  return cell == gru ? 3 : 4;
}

@inline
export function gatesOf(cell: u32): u32 {
  return cell == gruResetAfter ? 3 : slotsOf(cell);
}

@inline
export function stateBytes(info: Recurrence): usize {
  return <usize>info.batch * info.units * 4;
}

@inline
export function rowBytes(info: Recurrence): usize {
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
export function take(at: usize, count: u32): v128 {
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
export function put(at: usize, values: v128, count: u32): void {
  if (count >= 4) v128.store(at, values);
  else putSome(at, values, count);
}

function putSome(at: usize, values: v128, count: u32): void {
  v128.store_lane<f32>(at, values, 0);
  if (count > 1) v128.store_lane<f32>(at + 4, values, 1);
  if (count > 2) v128.store_lane<f32>(at + 8, values, 2);
}

/** Where a step's values of x begin. */
@inline
export function inputAt(info: Recurrence, x: usize, step: u32): usize {
  const time = info.backwards ? info.steps - 1 - step : step;
  return x + <usize>time * info.features * 4;
}

@inline
export function isMasked(info: Recurrence, sample: u32, step: u32): bool {
  if (info.mask == 0) return false;
  const time = info.backwards ? info.steps - 1 - step : step;
  return load<f32>(info.mask + (<usize>sample * info.steps + time) * 4) == 0;
}

/** to = a · b, value by value. */
export function multiply(count: u32, a: usize, b: usize, to: usize): void {
  for (let at: u32 = 0; at < count; at += 4, a += 16, b += 16, to += 16) {
    const some = count - at;
    put(to, f32x4.mul(take(a, some), take(b, some)), some);
  }
}

/** The states that a step works with: `states`, or their product with the mask in `scratch`. */
export function usedStates(info: Recurrence, states: usize, scratch: usize): usize {
  if (info.stateMask == 0) return states;
  multiply(info.batch * info.units, states, info.stateMask, scratch);
  return scratch;
}
