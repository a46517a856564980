import {
  add,
  dispose,
  engine,
  mean,
  mul,
  tidy,
  variableGrads,
  type NamedTensorMap,
  type Scalar,
  type Tensor,
  Variable,
} from '@tensorflow/tfjs-core';
import type { Batch, TrainingSamples } from './deviceData';
import { releaseOnTheWayBack } from './releasingTape';
import type { Outputs, Trainable } from './trainable';

export interface Gradients {
  /** Mean loss of the samples, with regularization, on the device. */
  readonly loss: Scalar;
  readonly byVariable: NamedTensorMap;
}

/** What gradients are taken of. */
export type Differentiable = Omit<Trainable, 'optimizer'>;

/** The model's outputs for these features, [batch, …] each. */
export function forward(trainable: Differentiable, features: Tensor, training: boolean): Outputs {
  const given = trainable.inputs?.(features) ?? features;
  const applied = trainable.model.apply(given, { training });
  const tensors = (Array.isArray(applied) ? applied : [applied]) as Tensor[];
  return { tensors, masks: trainable.takeMasks?.() ?? tensors.map(() => null) };
}

/** The variables that gradients change. */
export function trainedVariables(trainable: Differentiable): Variable[] {
  return trainable.model.trainableWeights
    .map((weight) => weight.read())
    .filter((weight): weight is Variable => weight instanceof Variable);
}

/** Gradients of a batch in training mode; the caller disposes of them. */
export function gradientsOf(trainable: Differentiable, { features, labels }: Batch): Gradients {
  const totalLoss = () => {
    const outputs = forward(trainable, features, true);
    let loss: Scalar = mean((trainable.weighted ?? trainable.losses)(labels, outputs));
    for (const penalty of trainable.model.calculateLosses()) loss = add(loss, penalty);
    releaseOnTheWayBack();
    return loss;
  };
  try {
    const { value, grads } = variableGrads(totalLoss, trainedVariables(trainable));
    return { loss: value, byVariable: grads };
  } catch (error) {
    disposeTape();
    throw error;
  }
}

/**
 * Disposes of what a gradient that failed had saved for its way back: the engine does so only after
 * success, and the activations of a batch that ran out of memory would stay forever.
 */
function disposeTape(): void {
  const { state } = engine();
  // The engine's types leave out that there is no tape outside of gradients.
  const tape = state.activeTape as typeof state.activeTape | null;
  for (const node of tape ?? []) {
    for (const tensor of node.saved ?? []) tensor.dispose();
  }
  state.activeTape = [];
}

/**
 * Gradients of the samples of these indices, computed in `parts` microbatches and averaged by
 * their sizes: equal to those of the whole batch, but only one microbatch's activations are held.
 * `beforePart` is called before each.
 */
export function accumulatedGradients(
  trainable: Trainable,
  samples: TrainingSamples,
  indices: Int32Array,
  parts: number,
  seeded: <T>(part: number, action: () => T) => T,
): Gradients {
  const partSize = Math.ceil(indices.length / parts);
  let sum: Gradients | null = null;
  for (let start = 0, part = 0; start < indices.length; start += partSize, part++) {
    const slice = indices.subarray(start, start + partSize);
    const own = tidy(() => seeded(part, () => flat(gradientsOf(trainable, samples.batch(slice)))));
    if (slice.length === indices.length) return unflat(own);
    const weight = slice.length / indices.length;
    const sumSoFar: NamedTensorMap = sum ? flat(sum) : {};
    const next = tidy(() =>
      Object.fromEntries(
        Object.entries(own).map(([name, gradient]) => {
          const weighted = mul(gradient, weight);
          const before = sumSoFar[name];
          return [name, before ? add(before, weighted) : weighted];
        }),
      ),
    );
    dispose(own);
    dispose(sumSoFar);
    sum = unflat(next);
  }
  if (!sum) throw new Error('A batch needs at least one sample.');
  return sum;
}

const lossKey = '\0loss';

/** One map of tensors, which is what `tidy` can return. */
function flat({ loss, byVariable }: Gradients): NamedTensorMap {
  return { ...byVariable, [lossKey]: loss };
}

function unflat({ [lossKey]: loss, ...byVariable }: NamedTensorMap): Gradients {
  return { loss: loss as Scalar, byVariable };
}
