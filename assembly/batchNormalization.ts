import { sumRows } from './elementwise';

/*
 * Batch normalization of x [rows, channels] while training (https://arxiv.org/abs/1502.03167), in
 * two passes each way. Sums run over 256 rows before they are added to the rest, which keeps
 * rounding errors small, for eight channels at once.
 */

const summedTogether: u32 = 256;

/** In two arrays of one number for each channel. */
@inline
function addTo(sums: usize, at: usize, left: v128, right: v128): void {
  v128.store(sums + at, f32x4.add(v128.load(sums + at), left));
  v128.store(sums + at, f32x4.add(v128.load(sums + at, 16), right), 16);
}

/** Means and variances (over all rows, not one less) of the channels. */
function batchMoments(
  rows: u32, channels: u32, x: usize, mean: usize, variance: usize,
): void {
  const rowBytes = <usize>channels * 4;
  sumRows(rows, channels, x, mean);
  const share: f32 = 1 / <f32>rows;
  for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(mean + at, load<f32>(mean + at) * share);
  memory.fill(variance, 0, rowBytes);
  for (let top: u32 = 0; top < rows; top += summedTogether) {
    const count = min(summedTogether, rows - top);
    const from = x + <usize>top * rowBytes;
    let at: usize = 0;
    for (; at + 32 <= rowBytes; at += 32) {
      const leftMean = v128.load(mean + at);
      const rightMean = v128.load(mean + at, 16);
      let left = f32x4.splat(0);
      let right = f32x4.splat(0);
      let here = from + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) {
        const leftOff = f32x4.sub(v128.load(here), leftMean);
        const rightOff = f32x4.sub(v128.load(here, 16), rightMean);
        left = f32x4.add(left, f32x4.mul(leftOff, leftOff));
        right = f32x4.add(right, f32x4.mul(rightOff, rightOff));
      }
      addTo(variance, at, left, right);
    }
    for (; at < rowBytes; at += 4) {
      const middle = load<f32>(mean + at);
      let sum: f32 = 0;
      let here = from + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) {
        const off = load<f32>(here) - middle;
        sum += off * off;
      }
      store<f32>(variance + at, load<f32>(variance + at) + sum);
    }
  }
  for (let at: usize = 0; at < rowBytes; at += 4) {
    store<f32>(variance + at, load<f32>(variance + at) * share);
  }
}

/** y = (x − mean) · factor + shift, with one of each for each channel. */
function normalizeChannels(
  rows: u32, channels: u32, x: usize, mean: usize, factor: usize, shift: usize, y: usize,
): void {
  const rowBytes = <usize>channels * 4;
  const whole = rowBytes & ~15;
  for (let row: u32 = 0; row < rows; row++, x += rowBytes, y += rowBytes) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const off = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const scaled = f32x4.mul(off, v128.load(factor + at));
      v128.store(y + at, f32x4.add(scaled, v128.load(shift + at)));
    }
    for (; at < rowBytes; at += 4) {
      const off = load<f32>(x + at) - load<f32>(mean + at);
      store<f32>(y + at, off * load<f32>(factor + at) + load<f32>(shift + at));
    }
  }
}

/** For each channel, the sums of dy and of dy · (x − mean). */
function batchGradientSums(
  rows: u32, channels: u32, dy: usize, x: usize, mean: usize, sums: usize, products: usize,
): void {
  const rowBytes = <usize>channels * 4;
  memory.fill(sums, 0, rowBytes);
  memory.fill(products, 0, rowBytes);
  for (let top: u32 = 0; top < rows; top += summedTogether) {
    const count = min(summedTogether, rows - top);
    const start = <usize>top * rowBytes;
    let at: usize = 0;
    for (; at + 32 <= rowBytes; at += 32) {
      const leftMean = v128.load(mean + at);
      const rightMean = v128.load(mean + at, 16);
      let left = f32x4.splat(0);
      let right = f32x4.splat(0);
      let leftProduct = f32x4.splat(0);
      let rightProduct = f32x4.splat(0);
      let here = start + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) {
        const leftSlope = v128.load(dy + here);
        const rightSlope = v128.load(dy + here, 16);
        left = f32x4.add(left, leftSlope);
        right = f32x4.add(right, rightSlope);
        const leftOff = f32x4.sub(v128.load(x + here), leftMean);
        const rightOff = f32x4.sub(v128.load(x + here, 16), rightMean);
        leftProduct = f32x4.add(leftProduct, f32x4.mul(leftSlope, leftOff));
        rightProduct = f32x4.add(rightProduct, f32x4.mul(rightSlope, rightOff));
      }
      addTo(sums, at, left, right);
      addTo(products, at, leftProduct, rightProduct);
    }
    for (; at < rowBytes; at += 4) {
      const middle = load<f32>(mean + at);
      let sum: f32 = 0;
      let product: f32 = 0;
      let here = start + at;
      for (let row: u32 = 0; row < count; row++, here += rowBytes) {
        const slope = load<f32>(dy + here);
        sum += slope;
        product += slope * (load<f32>(x + here) - middle);
      }
      store<f32>(sums + at, load<f32>(sums + at) + sum);
      store<f32>(products + at, load<f32>(products + at) + product);
    }
  }
}

/** dx = dy · factor + (x − mean) · slope + shift, with one of each for each channel. */
function channelGradients(
  rows: u32, channels: u32, dy: usize, x: usize, mean: usize,
  factor: usize, slope: usize, shift: usize, dx: usize,
): void {
  const rowBytes = <usize>channels * 4;
  const whole = rowBytes & ~15;
  for (let row: u32 = 0; row < rows; row++, dy += rowBytes, x += rowBytes, dx += rowBytes) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const scaled = f32x4.mul(v128.load(dy + at), v128.load(factor + at));
      const off = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const sloped = f32x4.mul(off, v128.load(slope + at));
      v128.store(dx + at, f32x4.add(f32x4.add(scaled, sloped), v128.load(shift + at)));
    }
    for (; at < rowBytes; at += 4) {
      const scaled = load<f32>(dy + at) * load<f32>(factor + at);
      const sloped = (load<f32>(x + at) - load<f32>(mean + at)) * load<f32>(slope + at);
      store<f32>(dx + at, scaled + sloped + load<f32>(shift + at));
    }
  }
}

/**
 * y = (x − mean) / √(variance + ε) · scale + offset; mean and variance are results too.
 * @param factor one number for each channel, of which nothing is needed afterwards
 */
export function batchNormalize(
  rows: u32, channels: u32, x: usize, scale: usize, offset: usize, epsilon: f32,
  mean: usize, variance: usize, y: usize, factor: usize,
): void {
  batchMoments(rows, channels, x, mean, variance);
  for (let at: usize = 0; at < <usize>channels * 4; at += 4) {
    store<f32>(factor + at, load<f32>(scale + at) / sqrt<f32>(load<f32>(variance + at) + epsilon));
  }
  normalizeChannels(rows, channels, x, mean, factor, offset, y);
}

/**
 * Gradients of the above, with n rows, r = 1 / √(variance + ε) and p the sum of dy · (x − mean):
 * dOffset is the sum of dy, dScale = r · p, dx = scale · r · (dy − dOffset / n − (x − mean) · r² · p / n).
 * @param work three numbers for each channel, of which nothing is needed afterwards
 */
export function batchNormalizeBack(
  rows: u32, channels: u32, dy: usize, x: usize, scale: usize, mean: usize, variance: usize,
  epsilon: f32, dx: usize, dScale: usize, dOffset: usize, work: usize,
): void {
  const bytes = <usize>channels * 4;
  const factor = work;
  const slope = work + bytes;
  const shift = slope + bytes;
  batchGradientSums(rows, channels, dy, x, mean, dOffset, dScale);
  const share: f32 = 1 / <f32>rows;
  for (let at: usize = 0; at < bytes; at += 4) {
    const root: f32 = 1 / sqrt<f32>(load<f32>(variance + at) + epsilon);
    const scaled = load<f32>(scale + at) * root;
    const steepness = load<f32>(dScale + at) * root;
    store<f32>(dScale + at, steepness);
    store<f32>(factor + at, scaled);
    store<f32>(slope + at, -scaled * root * steepness * share);
    store<f32>(shift + at, -scaled * load<f32>(dOffset + at) * share);
  }
  channelGradients(rows, channels, dy, x, mean, factor, slope, shift, dx);
}
