import type { Config } from '../../../config/schema';
import type { SampleSink } from '../rawData';

interface Row {
  readonly features: Float64Array;
  readonly label: string | readonly number[] | null;
}

/**
 * Makes samples of rows that follow one another: `size` rows of features, with the label of the row
 * that comes `ahead` rows after the last of them. Holds so many rows at once.
 */
export class RowWindow {
  readonly #sink: SampleSink;
  readonly #rows: Row[] = [];
  readonly #size: number;
  readonly #ahead: number;

  constructor({ size, ahead }: NonNullable<Config['data']['window']>, sink: SampleSink) {
    this.#sink = sink;
    this.#size = size;
    this.#ahead = ahead;
  }

  /** @returns how many samples this row completed: 0 or 1 */
  add(row: Row): number {
    this.#rows.push(row);
    if (this.#rows.length < this.#size + this.#ahead) return 0;
    for (const { features } of this.#rows.slice(0, this.#size))
      for (const value of features) this.#sink.features.push(value);
    const { label } = row;
    if (typeof label === 'string') this.#sink.texts.push(label);
    else for (const value of label ?? []) this.#sink.numbers.push(value);
    this.#rows.shift();
    return 1;
  }
}
