import {
  add,
  div,
  mul,
  sqrt,
  square,
  stack,
  sum,
  tidy,
  type NamedTensorMap,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { NoiseStep } from '../../protocol/trainer';
import type { DataOrder } from './dataOrder';
import type { TrainingSamples } from './deviceData';
import { gradientsOf, trainedVariables } from './gradients';
import { secondMoments } from './optimizerState';
import { mixSeed, streams, withSeededRandom } from '../random/seededRandom';
import type { Trainable } from './trainable';
import { nextTurn, type Turn } from '../turns';

/** tfjs's own default; it only keeps components that never had a gradient from dominating. */
const epsilon = 1e-7;

export interface NoiseRequest {
  readonly microbatchSize: number;
  readonly microbatches: number;
  readonly steps: number;
}

/**
 * Squared norms of microbatch gradients at the present weights, which stay as they are, batch
 * norm's moving averages included. For an adaptive optimizer the square of each component is
 * weighted by 1 / (√v + ε), as it weights the gradient itself.
 */
export async function measureNoise(
  trainable: Trainable,
  samples: TrainingSamples,
  order: DataOrder,
  seed: number,
  trialSamples: number,
  request: NoiseRequest,
  turn: Turn,
): Promise<NoiseStep[]> {
  const microbatchSize = Math.min(request.microbatchSize, samples.count);
  const variables = trainedVariables(trainable);
  const moments = await secondMoments(trainable.optimizer, variables.length);
  const weights = moments?.map((moment) => tidy(() => div(1, add(sqrt(moment), epsilon))));
  const kept = trainable.model.nonTrainableWeights.map((weight) => weight.read().clone());
  const steps: NoiseStep[] = [];
  samples.follow(order);
  try {
    for (let step = 0; step < request.steps && !turn.interrupted(); step++) {
      const norms = tidy(() => {
        const squares: Scalar[] = [];
        let gradients: NamedTensorMap | null = null;
        for (let index = 0; index < request.microbatches; index++) {
          // Every microbatch has the same size: the rest of an epoch is skipped.
          if (order.left < microbatchSize) order.next(order.left);
          const indices = order.next(microbatchSize);
          const before: NamedTensorMap | null = gradients;
          const [own, next]: [Scalar, NamedTensorMap] = withSeededRandom(
            mixSeed(seed, streams.noiseStep, trialSamples, step, index),
            () => oneMicrobatch(trainable, samples, indices, weights, before),
          );
          squares.push(own);
          gradients = next;
        }
        const mean = Object.values(gradients ?? {}).map((part) => div(part, request.microbatches));
        return stack([div(total(squares), squares.length), weightedSquare(mean, weights)]);
      });
      const [meanSquaredNorm = NaN, squaredNormOfMean = NaN] = await norms.data();
      norms.dispose();
      steps.push({
        samples: trialSamples,
        microbatchSize,
        microbatches: request.microbatches,
        meanSquaredNorm,
        squaredNormOfMean,
      });
      await nextTurn();
    }
  } finally {
    trainable.model.nonTrainableWeights.forEach((weight, index) => {
      const before = kept[index];
      if (before) weight.write(before);
      before?.dispose();
    });
    weights?.forEach((weight) => {
      weight.dispose();
    });
  }
  return steps;
}

/** The squared norm of one microbatch's gradient, and the sum of gradients with it added. */
function oneMicrobatch(
  trainable: Trainable,
  samples: TrainingSamples,
  indices: Int32Array,
  weights: readonly Tensor[] | undefined,
  before: NamedTensorMap | null,
): [Scalar, NamedTensorMap] {
  const { square: own, ...sums } = tidy((): NamedTensorMap => {
    const { byVariable } = gradientsOf(trainable, samples.batch(indices));
    const sum = Object.fromEntries(
      Object.entries(byVariable).map(([name, gradient]) => {
        const soFar = before?.[name];
        return [name, soFar ? add(soFar, gradient) : gradient];
      }),
    );
    return { ...sum, square: weightedSquare(Object.values(byVariable), weights) };
  });
  if (before) for (const tensor of Object.values(before)) tensor.dispose();
  return [own as Scalar, sums];
}

function weightedSquare(
  gradients: readonly Tensor[],
  weights: readonly Tensor[] | undefined,
): Scalar {
  const parts = gradients.map((gradient, index) => {
    const weight = weights?.[index];
    return sum<Scalar>(weight ? mul(square(gradient), weight) : square(gradient));
  });
  return total(parts);
}

/** Not `addN`, which on WebGPU binds a buffer for each part: more than a device may allow at once. */
function total(parts: readonly Scalar[]): Scalar {
  return sum<Scalar>(stack([...parts]));
}
