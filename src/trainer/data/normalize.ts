/** What "normalize" does to a row of features. */
export type FeatureScale =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes' }
  | {
      readonly kind: 'columns';
      /** Of each column, as ColumnScale has them. */
      readonly mean: readonly number[];
      readonly inverse: readonly number[];
    };

/** What a scale does to rows of features, in place. */
export function scaling(scale: FeatureScale): (values: Float32Array) => void {
  if (scale.kind === 'none') return () => undefined;
  if (scale.kind === 'bytes') return scaleBytes;
  const columns: ColumnScale = {
    mean: Float64Array.from(scale.mean),
    inverse: Float64Array.from(scale.inverse),
  };
  return (values) => {
    standardize(values, columns);
  };
}

/** Mean and inverse deviation of each column, from training samples alone. */
interface ColumnScale {
  readonly mean: Float64Array;
  /** 0 for a constant column, which becomes all 0. */
  readonly inverse: Float64Array;
}

/**
 * Measures each column of row-major values; for samples of higher rank a column is an index of the
 * last axis (a reading over all times, a channel over all pixels).
 */
export function measureColumns(values: Float32Array, columns: number): ColumnScale {
  const measure = new ColumnMeasure(columns, values.length / columns);
  measure.addToMean(values);
  measure.addToDeviation(values);
  return measure.scale();
}

/**
 * Measures columns piece by piece. Population deviation, in two passes over all values, so that
 * large means do not cancel the digits.
 */
export class ColumnMeasure {
  readonly #columns: number;
  readonly #rows: number;
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;

  /** @param rows values per column in all */
  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#mean = new Float64Array(columns);
    this.#variance = new Float64Array(columns);
  }

  /** First pass: takes values that begin at a first column. */
  addToMean(values: Float32Array): void {
    const mean = this.#mean;
    const rows = this.#rows;
    eachColumn(values, this.#columns, (value, column) => {
      mean[column] = (mean[column] ?? 0) + value / rows;
    });
  }

  /** Second pass, once the first is over. */
  addToDeviation(values: Float32Array): void {
    const mean = this.#mean;
    const variance = this.#variance;
    const rows = this.#rows;
    eachColumn(values, this.#columns, (value, column) => {
      variance[column] = (variance[column] ?? 0) + (value - (mean[column] ?? 0)) ** 2 / rows;
    });
  }

  scale(): ColumnScale {
    const inverse = this.#variance.map((variance, column) => {
      const deviation = Math.sqrt(variance);
      // Rounding leaves a constant column a deviation far below float32's own steps.
      const isConstant = deviation <= Math.abs(this.#mean[column] ?? 0) * 1e-9;
      return isConstant ? 0 : 1 / deviation;
    });
    return { mean: this.#mean, inverse };
  }
}

/** Standardizes in place: mean 0 and deviation 1 where the scale was measured on these values. */
function standardize(values: Float32Array, { mean, inverse }: ColumnScale): void {
  const columns = mean.length;
  eachColumn(values, columns, (value, column, index) => {
    values[index] = (value - (mean[column] ?? 0)) * (inverse[column] ?? 0);
  });
}

/** Scales bytes to 0..1 in place. */
function scaleBytes(values: Float32Array): void {
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
