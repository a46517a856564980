import { pad, reshape, slice, tidy, type Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Puts `stride - 1` rows and columns of zeros between those of x [batch, rows, columns, channels]:
 * the gradient of a strided convolution is a plain convolution over this.
 */
export function spreadOut(x: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return x;
  const [batch, rows, columns, channels] = x.shape;
  const height = (rows - 1) * strideHeight + 1;
  const width = (columns - 1) * strideWidth + 1;
  return tidy(() => {
    const apart = pad(reshape(x, [batch * rows, 1, columns * channels]), [
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
    ]);
    const lines = batch * rows * strideHeight;
    const spread = pad(reshape(apart, [lines * columns, 1, channels]), [
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
    const whole = reshape(spread, [batch, rows * strideHeight, columns * strideWidth, channels]);
    return slice(whole as Tensor4D, [0, 0, 0, 0], [batch, height, width, channels]);
  });
}

/**
 * Pads the rows and columns of x so that a convolution with stride 1 and no padding of its own,
 * whose windows are as large as given, comes out with height × width. Negative padding crops.
 */
export function fitForConvolution(
  x: Tensor4D,
  top: number,
  left: number,
  height: number,
  width: number,
): Tensor4D {
  return tidy(() => {
    const [batch, rows, columns, channels] = x.shape;
    const cropTop = Math.max(0, -top);
    const cropLeft = Math.max(0, -left);
    const keptRows = Math.min(rows - cropTop, height - Math.max(0, top));
    const keptColumns = Math.min(columns - cropLeft, width - Math.max(0, left));
    const kept =
      keptRows === rows && keptColumns === columns
        ? x
        : slice(x, [0, cropTop, cropLeft, 0], [batch, keptRows, keptColumns, channels]);
    const before: [number, number] = [Math.max(0, top), Math.max(0, left)];
    const after: [number, number] = [
      height - before[0] - keptRows,
      width - before[1] - keptColumns,
    ];
    if (Math.max(...before, ...after) === 0) return kept;
    return pad(kept, [
      [0, 0],
      [before[0], after[0]],
      [before[1], after[1]],
      [0, 0],
    ]);
  });
}
