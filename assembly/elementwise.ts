/* One pass over tensors where tfjs's own operations make many. Counts are in floats. */

/**
 * One step of Adam, in place (https://arxiv.org/abs/1412.6980, algorithm 1): `rate` is the learning
 * rate over 1 − β₁ᵗ, `secondCorrection` is 1 / (1 − β₂ᵗ).
 */
export function adam(
  count: u32, weights: usize, first: usize, second: usize, gradients: usize,
  beta1: f32, beta2: f32, rate: f32, secondCorrection: f32, epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1);
  const keep2 = f32x4.splat(beta2);
  const take1 = f32x4.splat(1 - beta1);
  const take2 = f32x4.splat(1 - beta2);
  const rates = f32x4.splat(rate);
  const corrections = f32x4.splat(secondCorrection);
  const epsilons = f32x4.splat(epsilon);
  let at: usize = 0;
  const whole = <usize>(count & ~3) * 4;
  for (; at < whole; at += 16) {
    const g = v128.load(gradients + at);
    const m = f32x4.add(f32x4.mul(v128.load(first + at), keep1), f32x4.mul(g, take1));
    const v = f32x4.add(
      f32x4.mul(v128.load(second + at), keep2), f32x4.mul(f32x4.mul(g, g), take2),
    );
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, corrections)), epsilons);
    const step = f32x4.div(f32x4.mul(m, rates), root);
    v128.store(first + at, m);
    v128.store(second + at, v);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), step));
  }
  for (const end = <usize>count * 4; at < end; at += 4) {
    const g = load<f32>(gradients + at);
    const m = load<f32>(first + at) * beta1 + g * (1 - beta1);
    const v = load<f32>(second + at) * beta2 + g * g * (1 - beta2);
    store<f32>(first + at, m);
    store<f32>(second + at, v);
    const step = (m * rate) / (sqrt<f32>(v * secondCorrection) + epsilon);
    store<f32>(weights + at, load<f32>(weights + at) - step);
  }
}

/**
 * One step of RMSProp as tfjs takes it, in place: the mean of squares, then
 * momentum = `keepMomentum` · momentum + rate · g / √(mean + ε), which the weights lose.
 */
export function rmsprop(
  count: u32, weights: usize, squares: usize, momenta: usize, gradients: usize,
  decay: f32, keepMomentum: f32, rate: f32, epsilon: f32,
): void {
  const keep = f32x4.splat(decay);
  const take = f32x4.splat(1 - decay);
  const keepMomenta = f32x4.splat(keepMomentum);
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  let at: usize = 0;
  const whole = <usize>(count & ~3) * 4;
  for (; at < whole; at += 16) {
    const g = v128.load(gradients + at);
    const mean = f32x4.add(
      f32x4.mul(v128.load(squares + at), keep), f32x4.mul(f32x4.mul(g, g), take),
    );
    const step = f32x4.div(f32x4.mul(g, rates), f32x4.sqrt(f32x4.add(mean, epsilons)));
    const moved = f32x4.add(f32x4.mul(v128.load(momenta + at), keepMomenta), step);
    v128.store(squares + at, mean);
    v128.store(momenta + at, moved);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), moved));
  }
  for (const end = <usize>count * 4; at < end; at += 4) {
    const g = load<f32>(gradients + at);
    const mean = load<f32>(squares + at) * decay + g * g * (1 - decay);
    const step = (g * rate) / sqrt<f32>(mean + epsilon);
    const moved = load<f32>(momenta + at) * keepMomentum + step;
    store<f32>(squares + at, mean);
    store<f32>(momenta + at, moved);
    store<f32>(weights + at, load<f32>(weights + at) - moved);
  }
}

/** One step of Adagrad, in place: the sum of squares, then the weights lose rate · g / √(sum + ε). */
export function adagrad(
  count: u32, weights: usize, squares: usize, gradients: usize, rate: f32, epsilon: f32,
): void {
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  let at: usize = 0;
  const whole = <usize>(count & ~3) * 4;
  for (; at < whole; at += 16) {
    const g = v128.load(gradients + at);
    const sum = f32x4.add(v128.load(squares + at), f32x4.mul(g, g));
    const step = f32x4.mul(f32x4.div(g, f32x4.sqrt(f32x4.add(sum, epsilons))), rates);
    v128.store(squares + at, sum);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), step));
  }
  for (const end = <usize>count * 4; at < end; at += 4) {
    const g = load<f32>(gradients + at);
    const sum = load<f32>(squares + at) + g * g;
    store<f32>(squares + at, sum);
    const step = (g / sqrt<f32>(sum + epsilon)) * rate;
    store<f32>(weights + at, load<f32>(weights + at) - step);
  }
}

/** dx = dy where lowest ≤ x ≤ highest, else 0; `open` leaves the lowest itself out. */
export function passWithin(
  count: u32, dy: usize, x: usize, dx: usize, lowest: f32, highest: f32, open: bool,
): void {
  const low = f32x4.splat(lowest);
  const high = f32x4.splat(highest);
  let at: usize = 0;
  const whole = <usize>(count & ~3) * 4;
  for (; at < whole; at += 16) {
    const value = v128.load(x + at);
    const above = open ? f32x4.gt(value, low) : f32x4.ge(value, low);
    const within = v128.and(above, f32x4.le(value, high));
    v128.store(dx + at, v128.and(v128.load(dy + at), within));
  }
  for (const end = <usize>count * 4; at < end; at += 4) {
    const value = load<f32>(x + at);
    const within = (open ? value > lowest : value >= lowest) && value <= highest;
    store<f32>(dx + at, within ? load<f32>(dy + at) : 0);
  }
}

/** Adds `bias` [columns] to every row of `values`, then cuts off below `lowest`; in place. */
export function addBias(
  rows: u32, columns: u32, values: usize, bias: usize, lowest: f32,
): void {
  const low = f32x4.splat(lowest);
  const bytes = <usize>columns * 4;
  const whole = bytes & ~15;
  for (let row: u32 = 0; row < rows; row++, values += bytes) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const sum = f32x4.add(v128.load(values + at), v128.load(bias + at));
      v128.store(values + at, f32x4.max(sum, low));
    }
    for (; at < bytes; at += 4) {
      store<f32>(values + at, max(load<f32>(values + at) + load<f32>(bias + at), lowest));
    }
  }
}

/** Rows that are summed before they are added to the rest, which keeps rounding errors small. */
const summedTogether: u32 = 256;

/** The sums of the columns of x [rows, columns]. */
export function sumRows(rows: u32, columns: u32, x: usize, sums: usize): void {
  const rowBytes = <usize>columns * 4;
  memory.fill(sums, 0, rowBytes);
  for (let top: u32 = 0; top < rows; top += summedTogether) {
    const count = min(summedTogether, rows - top);
    const from = x + <usize>top * rowBytes;
    let at: usize = 0;
    for (; at + 32 <= rowBytes; at += 32) {
      let left = f32x4.splat(0);
      let right = f32x4.splat(0);
      let here = from + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) {
        left = f32x4.add(left, v128.load(here));
        right = f32x4.add(right, v128.load(here, 16));
      }
      v128.store(sums + at, f32x4.add(v128.load(sums + at), left));
      v128.store(sums + at, f32x4.add(v128.load(sums + at, 16), right), 16);
    }
    for (; at < rowBytes; at += 4) {
      let sum: f32 = 0;
      let here = from + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) sum += load<f32>(here);
      store<f32>(sums + at, load<f32>(sums + at) + sum);
    }
  }
}

/** Copies `rows` blocks of so many bytes that lie a step apart. */
export function copyBlocks(
  rows: u32, bytes: usize, from: usize, fromStep: usize, to: usize, toStep: usize,
): void {
  for (let row: u32 = 0; row < rows; row++, from += fromStep, to += toStep) {
    memory.copy(to, from, bytes);
  }
}

/** Copies each of `count` blocks of so many bytes, a multiple of four, `times` in a row. */
export function repeatBlocks(count: u32, bytes: usize, times: u32, from: usize, to: usize): void {
  if (bytes == 4) {
    for (let at: u32 = 0; at < count; at++, from += 4) to = fillWords(load<u32>(from), times, to);
    return;
  }
  for (let at: u32 = 0; at < count; at++, from += bytes) {
    for (let time: u32 = 0; time < times; time++, to += bytes) memory.copy(to, from, bytes);
  }
}

/** Writes a word so many times; returns the address behind the last. */
@inline
function fillWords(word: u32, times: u32, to: usize): usize {
  const four = i32x4.splat(word);
  let left = times;
  for (; left >= 4; left -= 4, to += 16) v128.store(to, four);
  for (; left > 0; left--, to += 4) store<u32>(to, word);
  return to;
}

/** Copies the rows that the int32 `indices` name, one after the other; each is within x. */
export function gather(count: u32, indices: usize, bytes: usize, x: usize, to: usize): void {
  for (let at: u32 = 0; at < count; at++, to += bytes) {
    memory.copy(to, x + <usize>load<u32>(indices + <usize>at * 4) * bytes, bytes);
  }
}
