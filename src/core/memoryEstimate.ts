import type { TopologyCost } from './topology/topologyCost';

/** Device bytes of training, by what they are for. */
export interface MemoryEstimate {
  readonly parameters: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  /** The data set on the device. */
  readonly data: number;
  /** The most held at once: either in the update or in the backward pass (see `estimateMemory`). */
  readonly peak: number;
}

const bytesPerValue = 4;

/**
 * Peak device bytes of training at a batch size, from the topology alone; an estimate, to be
 * replaced by measurements where there are any. With P weights, of which T are trained, s optimizer
 * values for each, A kept values per sample, D of data and L the largest layer output:
 * `backward = P + s·T + T + D + B·(features + A + 2·L)` (the gradients of two neighbouring layers
 * live beside what is kept) and `update = P + s·T + 2·T + D` (new weights beside the old ones).
 * A lower bound in practice: tfjs holds every gradient until the step ends and kernels need working
 * space. Peaks metered on WASM at the largest sizes were 2.4 to 3 times this for the examples.
 * @param slots values the optimizer keeps for each trained weight: 0 sgd, 1 momentum, 2 adam
 */
export function estimateMemory(
  cost: Pick<TopologyCost, 'parameters' | 'trainable' | 'kept' | 'largestOutput'>,
  of: { batchSize: number; slots: number; featureValues: number; dataValues: number },
): MemoryEstimate {
  const bytes = (values: number) => values * bytesPerValue;
  const parameters = bytes(cost.parameters);
  const gradients = bytes(cost.trainable);
  const optimizer = bytes(of.slots * cost.trainable);
  const perSample = of.featureValues + cost.kept + 2 * cost.largestOutput;
  const activations = bytes(of.batchSize * perSample);
  const data = bytes(of.dataValues);
  const held = parameters + optimizer + gradients + data;
  const peak = held + Math.max(activations, gradients);
  return { parameters, gradients, optimizer, activations, data, peak };
}
