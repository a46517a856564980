import type { Dataset } from '../dataset';
import type { FeatureScale } from '../normalize';
import type { RecordFile } from './recordFile';

/** Which records of the files are the samples of one side, in which order. */
export type RowChoice =
  | { readonly kind: 'all' }
  /** The rows that a file lists. */
  | { readonly kind: 'listed'; readonly rows: RecordFile }
  /** The rows at the places from `start` on of a ComputedOrder of all. */
  | {
      readonly kind: 'computed';
      readonly of: number;
      readonly seed: number;
      readonly start: number;
    };

/** Samples on disk, read when they are trained on. */
export interface StreamedSamples {
  readonly count: number;
  readonly features: RecordFile;
  readonly labels: RecordFile;
  readonly rows: RowChoice;
  readonly scale: FeatureScale;
  /** What each number in the labels' file becomes; null leaves them as they are. */
  readonly encodings: readonly (readonly [number, number])[] | null;
}

/** A data set that stays on disk. It is plain data, which the next process takes up from JSON. */
export interface StreamedDataset extends Omit<Dataset, 'train' | 'validation'> {
  readonly train: StreamedSamples;
  readonly validation: StreamedSamples;
}

export type AnyDataset = Dataset | StreamedDataset;

export function isStreamed(dataset: AnyDataset): dataset is StreamedDataset {
  return 'scale' in dataset.train;
}

/** Bytes that the samples of a data set take as tensors. */
export function tensorBytes({ sampleShape, labelShape, train, validation }: AnyDataset): number {
  const values = [sampleShape, labelShape].map((shape) =>
    shape.reduce((all, size) => all * size, 1),
  );
  const perSample = values.reduce((all, each) => all + each, 0);
  return 4 * perSample * (train.count + validation.count);
}
