import type { Text } from '../../core/text/problem';
import type { FeatureScale } from './normalize';
import type { ColumnReport } from './table/plan';

/** Samples in host memory, one after the other, as they go to the device. */
export interface Samples {
  readonly count: number;
  /** `count × product(sampleShape)` values, normalized. */
  readonly features: Float32Array;
  /** `count × product(labelShape)` values; class indices for classes. */
  readonly labels: Float32Array;
}

/** What was understood of the data, for people. */
export interface DataReading {
  /** Decisions that were taken, and what was left out. */
  readonly notes: readonly Text[];
  /** The columns of a table, or the keys of JSON. */
  readonly columns: readonly ColumnReport[];
  /** Samples of each class, before any are split off for validation; empty for regression. */
  readonly classes: readonly { readonly name: string; readonly samples: number }[];
}

/** An input or an output of a model within packed rows. */
export interface PackedPart {
  readonly name: string;
  /** Where it begins in a row. */
  readonly offset: number;
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Columns, keys or arrays it comes from, for people. */
  readonly from: readonly string[];
}

/** What an output learns. */
export interface PackedLabels extends PackedPart {
  /** Null for numbers. */
  readonly classes: readonly string[] | null;
}

/** Of a model with several inputs or outputs: what a row of features and one of labels is made of. */
export interface DataParts {
  readonly inputs: readonly PackedPart[];
  readonly outputs: readonly PackedLabels[];
  /** Where rows of labels hold how much their sample counts; null where all count alike. */
  readonly weights: Pick<PackedPart, 'offset' | 'shape'> | null;
}

/** The data of a config's `data` section: read, checked, split and normalized. */
export interface Dataset {
  /** Shape of one sample's features, such as [28, 28, 1] or [4]. */
  readonly sampleShape: readonly number[];
  /** Shape of one sample's label: [] for one number or class index, [10] for one-hot rows as given. */
  readonly labelShape: readonly number[];
  readonly train: Samples;
  readonly validation: Samples;
  /** What normalizing would do to the features, where that has not been done. */
  readonly pendingScale?: FeatureScale;
  /** Names of the classes in index order; null for regression. */
  readonly classes: readonly string[] | null;
  /** Where rows are packed: features and labels then have one axis, which holds all parts. */
  readonly parts?: DataParts;
  /** Whether texts became the numbers that the model's first layer gives them. */
  readonly textsLookedUp?: boolean;
  /** What was understood of the data, for people. */
  readonly reading?: DataReading;
  /** SHA-256 of the bytes of every data file read. */
  readonly contentHash: string;
}
