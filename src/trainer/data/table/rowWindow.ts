import type { Config } from '../../../config/schema';
import type { SampleSink } from '../rawData';

interface Row {
  readonly features: Float64Array;
  readonly label: string | readonly number[] | null;
}

/**
 * Makes samples of rows that follow one another: `size` rows of features, with the label of the row
 * that comes `ahead` rows after the last of them. Holds so many rows at once, one behind the other.
 */
export class RowWindow {
  readonly #sink: SampleSink;
  readonly #size: number;
  readonly #ahead: number;
  #values = new Float64Array(1024);
  /** Where the values of the rows that are held begin and end. */
  #start = 0;
  #end = 0;

  constructor({ size, ahead }: NonNullable<Config['data']['window']>, sink: SampleSink) {
    this.#sink = sink;
    this.#size = size;
    this.#ahead = ahead;
  }

  /** @returns how many samples this row completed: 0 or 1 */
  add({ features, label }: Row): number {
    const width = features.length;
    this.#makeRoom(width);
    this.#values.set(features, this.#end);
    this.#end += width;
    if (this.#end - this.#start < (this.#size + this.#ahead) * width) return 0;
    this.#sink.features.pushAll(
      this.#values.subarray(this.#start, this.#start + this.#size * width),
    );
    if (typeof label === 'string') this.#sink.texts.push(label);
    else for (const value of label ?? []) this.#sink.numbers.push(value);
    this.#start += width;
    return 1;
  }

  #makeRoom(width: number): void {
    if (this.#end + width <= this.#values.length) return;
    const held = this.#values.subarray(this.#start, this.#end);
    const isHalfEmpty = 2 * (held.length + width) <= this.#values.length;
    if (!isHalfEmpty) this.#values = new Float64Array(2 * (this.#values.length + width));
    this.#values.set(held);
    this.#start = 0;
    this.#end = held.length;
  }
}
