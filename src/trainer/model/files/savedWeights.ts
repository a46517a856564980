/** One weight as a file holds it. */
export interface SavedWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Weights by the layers of a model, each layer's in the order of Keras's `layer.weights`. A layer is
 * found by its name where the file has names, else by its place among the layers of its class.
 */
export interface SavedWeights {
  readonly by: 'name' | 'class' | 'weight';
  readonly layers: ReadonlyMap<string, SavedLayer>;
}

export interface SavedLayer {
  readonly weights: readonly SavedWeight[];
  /** The layers inside, where the layer is a model and the file keeps them apart. */
  readonly inner: ReadonlyMap<string, SavedLayer>;
}
