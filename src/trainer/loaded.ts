import type { Result } from '../core/problem';
import type { ModelType } from '../core/result';
import type { Output } from '../protocol/channel';
import type { LoadOptions, Prepared, TrainerContract } from '../protocol/trainer';
import type { Dataset } from './data/dataset';
import type { Trainable } from './training/trainable';

export type LoadInput = LoadOptions;
export type LoadOutput = Output<TrainerContract, 'load'>;

/** What a config's model and data come to, checked against each other. */
export interface Loaded extends Pick<
  Prepared,
  | 'layers'
  | 'parameterCount'
  | 'hasBatchNormalization'
  | 'loss'
  | 'optimizer'
  | 'learningRate'
  | 'contentHash'
> {
  readonly dataset: Dataset;
  readonly modelType: ModelType;
  /** A fresh model with its optimizer; equal seeds give equal weights. */
  build(seed: number, learningRate: number): Promise<Result<Trainable>>;
}
