import type { Config } from '../config/schema';
import type { Result, Text } from '../core/text/problem';
import type { ModelType } from '../core/sweep/result';
import type { Output } from '../protocol/channel';
import type { LoadOptions, OptimizerNumbers, Prepared, TrainerContract } from '../protocol/trainer';
import type { AnyDataset } from './data/records/streamedDataset';
import type { Trainable } from './training/trainable';

/** What is to be loaded: a config with a model and data. */
export type LoadInput = LoadOptions & { readonly config: Config };
export type LoadOutput = Output<TrainerContract, 'load'>;

/** A config's model and data, checked against each other. */
export interface Loaded<D extends AnyDataset = AnyDataset> extends Pick<
  Prepared,
  | 'layers'
  | 'parameterCount'
  | 'trainedCount'
  | 'hasBatchNormalization'
  | 'loss'
  | 'optimizer'
  | 'optimizerNumbers'
  | 'learningRate'
  | 'contentHash'
> {
  readonly dataset: D;
  readonly modelType: ModelType;
  /** What a person should know of the weights that training begins with. */
  readonly notes: readonly Text[];
  /** Approximate device bytes that training at the configured batch size takes besides the data. */
  readonly trainingBytes: number;
  /**
   * A fresh model with its optimizer, whose settings may be others than configured; equal seeds give
   * equal weights.
   */
  readonly build: (
    seed: number,
    learningRate: number,
    numbers?: OptimizerNumbers,
  ) => Promise<Result<Trainable>>;
}
