/*
 * C [m, n] = A [m, k] · B [k, n], on addresses of the backend's memory. The operands may be stored
 * in any order: `aRow`, `aDepth`, `bDepth`, `bColumn` are the bytes from one row, column or step of
 * the common axis to the next, so that transposed operands need no copy.
 *
 * Blocks of B that stay in the second-level cache are packed into panels of eight columns; tiles of
 * 4 × 8 values of C are held in registers: https://doi.org/10.1145/1356052.1356053 (Goto, van de Geijn).
 */

const tileRows: u32 = 4;
const tileColumns: u32 = 8;
/** Steps of the common axis and columns of B in one block. */
const blockDepth: u32 = 256;
const blockColumns: u32 = 128;
/** Up to so many rows, packing B costs more than reading it as it lies. */
const fewRows: u32 = 16;

const packedRows: u32 = tileRows * blockDepth * 4;
const packedColumns: u32 = blockColumns * blockDepth * 4;
const oneTile: u32 = tileRows * tileColumns * 4;

/** Bytes of scratch memory that a product needs, aligned to 16. */
export function matrixProductScratch(): u32 {
  return packedRows + packedColumns + oneTile;
}

/** `batch` products, whose operands and results lie so many bytes apart. */
export function matrixProducts(
  batch: u32, m: u32, n: u32, k: u32,
  a: usize, aBatch: usize, aRow: usize, aDepth: usize,
  b: usize, bBatch: usize, bDepth: usize, bColumn: usize,
  c: usize, cBatch: usize, scratch: usize,
): void {
  for (let at: u32 = 0; at < batch; at++) {
    matrixProduct(m, n, k, a, aRow, aDepth, b, bDepth, bColumn, c, <usize>n * 4, false, scratch);
    a += aBatch;
    b += bBatch;
    c += cBatch;
  }
}

/** One product into rows of C that lie `cRow` bytes apart; with `accumulate` it is added to C. */
export function matrixProduct(
  m: u32, n: u32, k: u32,
  a: usize, aRow: usize, aDepth: usize,
  b: usize, bDepth: usize, bColumn: usize,
  c: usize, cRow: usize, accumulate: bool, scratch: usize,
): void {
  if (k == 0) {
    if (accumulate) return;
    for (let row: u32 = 0; row < m; row++) memory.fill(c + row * cRow, 0, <usize>n * 4);
    return;
  }
  const rows = scratch;
  const panels = rows + packedRows;
  const tile = panels + packedColumns;
  const inPlace = m <= fewRows && bColumn == 4;
  for (let from: u32 = 0; from < k; from += blockDepth) {
    const depth = min(blockDepth, k - from);
    const add = accumulate || from > 0;
    for (let left: u32 = 0; left < n; left += blockColumns) {
      const width = min(blockColumns, n - left);
      const bBlock = b + <usize>from * bDepth + <usize>left * bColumn;
      const firstPacked: u32 = inPlace ? width & ~(tileColumns - 1) : 0;
      packColumns(bBlock, bDepth, bColumn, firstPacked, width, depth, panels);
      for (let top: u32 = 0; top < m; top += tileRows) {
        const height = min(tileRows, m - top);
        let row0 = a + <usize>top * aRow + <usize>from * aDepth;
        let step = aDepth;
        let row1: usize, row2: usize, row3: usize;
        if (aDepth == 4) {
          // Rows beyond the last are computed and thrown away: any row will do.
          row1 = height > 1 ? row0 + aRow : row0;
          row2 = height > 2 ? row1 + aRow : row0;
          row3 = height > 3 ? row2 + aRow : row0;
        } else {
          packRows(row0, aRow, aDepth, height, depth, rows);
          row0 = rows;
          row1 = rows + 4;
          row2 = rows + 8;
          row3 = rows + 12;
          step = 16;
        }
        for (let column: u32 = 0; column < width; column += tileColumns) {
          const packed = column >= firstPacked;
          const panel = packed ? panels + <usize>column * depth * 4 : bBlock + <usize>column * 4;
          const panelStep: usize = packed ? 32 : bDepth;
          const to = c + <usize>top * cRow + <usize>(left + column) * 4;
          if (height == tileRows && column + tileColumns <= width) {
            multiplyTile(row0, row1, row2, row3, step, panel, panelStep, depth, to, cRow, add);
          } else {
            multiplyTile(row0, row1, row2, row3, step, panel, panelStep, depth, tile, 32, false);
            putPart(tile, height, min(tileColumns, width - column), to, cRow, add);
          }
        }
      }
    }
  }
}

/** Copies four rows (missing ones as zeros) as [depth, 4]. */
function packRows(
  from: usize, row: usize, step: usize, height: u32, depth: u32, to: usize,
): void {
  if (row == 4 && height == tileRows) {
    for (let at: u32 = 0; at < depth; at++, from += step, to += 16) {
      v128.store(to, v128.load(from));
    }
    return;
  }
  for (let at: u32 = 0; at < depth; at++, from += step, to += 16) {
    for (let r: u32 = 0; r < tileRows; r++) {
      store<f32>(to + r * 4, r < height ? load<f32>(from + r * row) : 0);
    }
  }
}

/** Copies columns first … width − 1 as panels [depth, 8], the last filled up with zeros. */
function packColumns(
  from: usize, step: usize, column: usize, first: u32, width: u32, depth: u32, panels: usize,
): void {
  for (let left = first; left < width; left += tileColumns) {
    let to = panels + <usize>left * depth * 4;
    let source = from + <usize>left * column;
    const full = left + tileColumns <= width;
    if (full && column == 4) {
      for (let at: u32 = 0; at < depth; at++, source += step, to += 32) {
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
      }
    } else {
      const some = min(tileColumns, width - left);
      for (let c: u32 = 0; c < tileColumns; c++) {
        let here = source + c * column;
        let there = to + c * 4;
        for (let at: u32 = 0; at < depth; at++, here += step, there += 32) {
          store<f32>(there, c < some ? load<f32>(here) : 0);
        }
      }
    }
  }
}

/** a · b + c: in one instruction where the module is compiled for engines that have it. */
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}

function multiplyTile(
  row0: usize, row1: usize, row2: usize, row3: usize, step: usize,
  panel: usize, panelStep: usize, depth: u32,
  c: usize, cRow: usize, add: bool,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let at = depth; at > 0; at--) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load32_splat(row0);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load32_splat(row1);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load32_splat(row2);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load32_splat(row3);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    panel += panelStep;
    row0 += step;
    row1 += step;
    row2 += step;
    row3 += step;
  }
  putRow(c, c00, c01, add);
  putRow(c + cRow, c10, c11, add);
  putRow(c + cRow * 2, c20, c21, add);
  putRow(c + cRow * 3, c30, c31, add);
}

@inline
function putRow(to: usize, left: v128, right: v128, add: bool): void {
  if (add) {
    left = f32x4.add(left, v128.load(to));
    right = f32x4.add(right, v128.load(to, 16));
  }
  v128.store(to, left);
  v128.store(to, right, 16);
}

function putPart(tile: usize, height: u32, width: u32, to: usize, cRow: usize, add: bool): void {
  for (let r: u32 = 0; r < height; r++) {
    for (let column: u32 = 0; column < width; column++) {
      const value = load<f32>(tile + r * 32 + column * 4);
      const place = to + r * cRow + column * 4;
      store<f32>(place, add ? load<f32>(place) + value : value);
    }
  }
}
