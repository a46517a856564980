/** Samples in host memory, one after the other, as they go to the device. */
export interface Samples {
  readonly count: number;
  /** `count × product(sampleShape)` values, normalized. */
  readonly features: Float32Array;
  /** `count × product(labelShape)` values; class indices for classes. */
  readonly labels: Float32Array;
}

/** What a config's `data` section comes to: read, checked, split and normalized. */
export interface Dataset {
  /** Shape of one sample's features, such as [28, 28, 1] or [4]. */
  readonly sampleShape: readonly number[];
  /** Shape of one sample's label: [] for one number or class index, [10] for one-hot rows as given. */
  readonly labelShape: readonly number[];
  readonly train: Samples;
  readonly validation: Samples;
  /** Names of the classes in index order; null for regression. */
  readonly classes: readonly string[] | null;
  /** SHA-256 of the bytes of every data file read. */
  readonly contentHash: string;
}
