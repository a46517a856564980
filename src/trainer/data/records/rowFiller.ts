import { scaling } from '../normalize';
import { RecordReader } from './recordReader';
import type { StreamedSamples } from './streamedDataset';

/** Reads rows of features and labels from disk as they go to the device. Its calls block. */
export class RowFiller {
  readonly #features: RecordReader;
  readonly #labels: RecordReader;
  readonly #scaling: (values: Float32Array) => void;
  readonly #encodings: ReadonlyMap<number, number> | null;
  #stored = new Float64Array(0);

  /** @throws ProblemError when a file is not the one that was read first */
  constructor(samples: Omit<StreamedSamples, 'rows' | 'count'>) {
    this.#features = new RecordReader(samples.features);
    this.#labels = new RecordReader(samples.labels);
    this.#scaling = scaling(samples.scale);
    this.#encodings = samples.encodings && new Map(samples.encodings);
    this.#labelWidth = samples.labels.width;
  }

  readonly #labelWidth: number;

  /** Fills both with the rows of these numbers, in their order. */
  fill(rows: Int32Array, features: Float32Array, labels: Float32Array): void {
    this.#features.gather(rows, features);
    this.#scaling(features);
    const size = rows.length * this.#labelWidth;
    if (this.#stored.length < size) this.#stored = new Float64Array(size);
    const stored = this.#stored.subarray(0, size);
    this.#labels.gather(rows, stored);
    const encodings = this.#encodings;
    if (!encodings) labels.set(stored);
    else for (let at = 0; at < size; at++) labels[at] = encodings.get(stored[at] ?? NaN) ?? NaN;
  }

  close(): void {
    this.#features.close();
    this.#labels.close();
  }
}
