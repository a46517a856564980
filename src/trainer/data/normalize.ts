/** Mean and inverse deviation of each column, from training samples alone. */
export interface ColumnScale {
  readonly mean: Float64Array;
  /** 0 for a constant column, which becomes all 0. */
  readonly inverse: Float64Array;
}

/**
 * Measures each column of row-major values; for samples of higher rank a column is an index of the
 * last axis (a reading over all times, a channel over all pixels). Population deviation, in two
 * passes so that large means do not cancel the digits.
 */
export function measureColumns(values: Float32Array, columns: number): ColumnScale {
  const rows = values.length / columns;
  const mean = new Float64Array(columns);
  const inverse = new Float64Array(columns);
  eachColumn(values, columns, (value, column) => {
    mean[column] = (mean[column] ?? 0) + value / rows;
  });
  eachColumn(values, columns, (value, column) => {
    inverse[column] = (inverse[column] ?? 0) + (value - (mean[column] ?? 0)) ** 2 / rows;
  });
  for (let column = 0; column < columns; column++) {
    const deviation = Math.sqrt(inverse[column] ?? 0);
    // Rounding leaves a constant column a deviation far below float32's own steps.
    const isConstant = deviation <= Math.abs(mean[column] ?? 0) * 1e-9;
    inverse[column] = isConstant ? 0 : 1 / deviation;
  }
  return { mean, inverse };
}

/** Standardizes in place: mean 0 and deviation 1 where the scale was measured on these values. */
export function standardize(values: Float32Array, { mean, inverse }: ColumnScale): void {
  const columns = mean.length;
  eachColumn(values, columns, (value, column, index) => {
    values[index] = (value - (mean[column] ?? 0)) * (inverse[column] ?? 0);
  });
}

/** Scales bytes to 0..1 in place. */
export function scaleBytes(values: Float32Array): void {
  for (let index = 0; index < values.length; index++) values[index] = (values[index] ?? 0) / 255;
}

function eachColumn(
  values: Float32Array,
  columns: number,
  visit: (value: number, column: number, index: number) => void,
): void {
  for (let index = 0, column = 0; index < values.length; index++) {
    visit(values[index] ?? 0, column, index);
    if (++column === columns) column = 0;
  }
}
