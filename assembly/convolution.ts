/*
 * Convolutions of images [batch, rows, columns, channels] as matrix products: what each output
 * pixel sees becomes a row ("im2col"), for so many pixels at a time as fit into the scratch memory.
 * All work on a description of the convolution that lies in memory, as 32-bit numbers.
 */
import { matrixProduct, matrixProductScratch } from './matrixProduct';

@unmanaged
class Convolution {
  batch: u32;
  inRows: i32;
  inColumns: i32;
  inChannels: u32;
  outRows: u32;
  outColumns: u32;
  outChannels: u32;
  filterRows: u32;
  filterColumns: u32;
  strideRows: i32;
  strideColumns: i32;
  dilationRows: i32;
  dilationColumns: i32;
  top: i32;
  left: i32;
}

/** Floats of scratch for the rows of one chunk. */
const chunkFloats: u32 = 65536;

/** Bytes of scratch memory that a convolution needs, for rows of so many values. */
export function convolutionScratch(values: u32): u32 {
  return matrixProductScratch() + max(chunkFloats, values * 4) * 4;
}

@inline
function valuesOf(info: Convolution): u32 {
  return info.filterRows * info.filterColumns * info.inChannels;
}

@inline
function chunkOf(values: u32): u32 {
  return max(4, chunkFloats / values);
}

/** y = x ∗ filter. */
export function convolve(at: usize, x: usize, filter: usize, y: usize, scratch: usize): void {
  const info = changetype<Convolution>(at);
  const values = valuesOf(info);
  const pixels = info.batch * info.outRows * info.outColumns;
  const rows = scratch + matrixProductScratch();
  const chunk = chunkOf(values);
  const outputs = info.outChannels;
  for (let pixel: u32 = 0; pixel < pixels; pixel += chunk) {
    const count = min(chunk, pixels - pixel);
    gatherRows(info, x, pixel, count, rows);
    matrixProduct(
      count, outputs, values, rows, <usize>values * 4, 4, filter, <usize>outputs * 4, 4,
      y + <usize>pixel * outputs * 4, <usize>outputs * 4, false, scratch,
    );
  }
}

/** The gradient of the filter: the rows, transposed, times dy. */
export function convolveFilterGradient(
  at: usize, x: usize, dy: usize, gradient: usize, scratch: usize,
): void {
  const info = changetype<Convolution>(at);
  const values = valuesOf(info);
  const pixels = info.batch * info.outRows * info.outColumns;
  const rows = scratch + matrixProductScratch();
  const chunk = chunkOf(values);
  const outputs = info.outChannels;
  for (let pixel: u32 = 0; pixel < pixels; pixel += chunk) {
    const count = min(chunk, pixels - pixel);
    gatherRows(info, x, pixel, count, rows);
    matrixProduct(
      values, outputs, count, rows, 4, <usize>values * 4,
      dy + <usize>pixel * outputs * 4, <usize>outputs * 4, 4,
      gradient, <usize>outputs * 4, pixel > 0, scratch,
    );
  }
}

/** The gradient of the input, which must be zeros before: dy times the filter, transposed. */
export function convolveInputGradient(
  at: usize, dy: usize, filter: usize, dx: usize, scratch: usize,
): void {
  const info = changetype<Convolution>(at);
  const values = valuesOf(info);
  const pixels = info.batch * info.outRows * info.outColumns;
  const rows = scratch + matrixProductScratch();
  const chunk = chunkOf(values);
  const outputs = info.outChannels;
  for (let pixel: u32 = 0; pixel < pixels; pixel += chunk) {
    const count = min(chunk, pixels - pixel);
    matrixProduct(
      count, values, outputs, dy + <usize>pixel * outputs * 4, <usize>outputs * 4, 4,
      filter, 4, <usize>outputs * 4, rows, <usize>values * 4, false, scratch,
    );
    scatterRows(info, dx, pixel, count, rows);
  }
}

/** Copies what `count` pixels from `first` on see into rows; padding is seen as zeros. */
function gatherRows(info: Convolution, x: usize, first: u32, count: u32, rows: usize): void {
  visitRows<u8>(info, x, first, count, rows);
}

/** Adds rows to what `count` pixels from `first` on see. */
function scatterRows(info: Convolution, dx: usize, first: u32, count: u32, rows: usize): void {
  visitRows<u16>(info, dx, first, count, rows);
}

/** The type parameter makes two functions of it: u8 gathers, u16 scatters. */
function visitRows<Kind>(info: Convolution, image: usize, first: u32, count: u32, row: usize): void {
  const columns = info.outColumns;
  const perImage = info.outRows * columns;
  const channelBytes = <usize>info.inChannels * 4;
  const lineBytes = <usize>info.inColumns * channelBytes;
  const imageBytes = <usize>info.inRows * lineBytes;
  const filterColumns = info.filterColumns;
  const filterLineBytes = <usize>filterColumns * channelBytes;
  const dilation = info.dilationColumns;
  let column = first % columns;
  let line = (first % perImage) / columns;
  let base = image + <usize>(first / perImage) * imageBytes;
  for (let pixel: u32 = 0; pixel < count; pixel++) {
    const left = <i32>column * info.strideColumns - info.left;
    let y = <i32>line * info.strideRows - info.top;
    for (let r: u32 = 0; r < info.filterRows; r++, y += info.dilationRows, row += filterLineBytes) {
      if (y < 0 || y >= info.inRows) {
        if (sizeof<Kind>() == 1) fillZeros(row, filterLineBytes);
        continue;
      }
      const inLine = base + <usize>y * lineBytes;
      if (dilation == 1) {
        const before = min(max(-left, 0), <i32>filterColumns);
        const end = max(before, min(<i32>filterColumns, info.inColumns - left));
        const bytes = <usize>(end - before) * channelBytes;
        const inside = row + <usize>before * channelBytes;
        const source = inLine + <usize>(left + before) * channelBytes;
        if (sizeof<Kind>() == 1) {
          if (before > 0) fillZeros(row, <usize>before * channelBytes);
          copyFloats(inside, source, bytes);
          if (end < <i32>filterColumns) {
            fillZeros(inside + bytes, <usize>(filterColumns - end) * channelBytes);
          }
        } else addFloats(source, inside, bytes);
        continue;
      }
      let x = left;
      let inside = row;
      for (let c: u32 = 0; c < filterColumns; c++, x += dilation, inside += channelBytes) {
        const there = x >= 0 && x < info.inColumns;
        const source = inLine + <usize>x * channelBytes;
        if (sizeof<Kind>() == 1) {
          if (there) copyFloats(inside, source, channelBytes);
          else fillZeros(inside, channelBytes);
        } else if (there) addFloats(source, inside, channelBytes);
      }
    }
    if (++column == columns) {
      column = 0;
      if (++line == info.outRows) {
        line = 0;
        base += imageBytes;
      }
    }
  }
}

@inline
function fillZeros(to: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 4) store<f32>(to, 0);
}

@inline
function copyFloats(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
}

@inline
function addFloats(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
