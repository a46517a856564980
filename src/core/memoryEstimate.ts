import { sizeOf } from './topology/layerCost';
import type { TopologyCost } from './topology/topologyCost';
import { mostHeld } from './topology/trainingValues';

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

/** Values per sample for each output that the loss and its gradient hold, counted for crossentropy. */
const lossValues = 20;

/**
 * Peak device bytes of training at a batch size, from the topology alone; an estimate, to be
 * replaced by measurements where there are any. With P weights, of which T are trained, s optimizer
 * values for each, D of data and H the most values per sample that a step holds at once (see
 * trainingValues.ts): `backward = P + s·T + T + D + B·(features + outputs·(1 + loss) + H)` and
 * `update = P + s·T + 2·T + D` (new weights beside the old ones). Against peaks metered on WASM from
 * batch 64 up, the three examples come out between 11% low and 1% high; below that the evaluation of
 * validation data, which is not counted here, holds more than a step.
 * @param slots values the optimizer keeps for each trained weight: 0 sgd, 1 momentum, 2 adam
 */
export function estimateMemory(
  cost: Pick<TopologyCost, 'parameters' | 'trainable' | 'layers' | 'output'>,
  of: { batchSize: number; slots: number; featureValues: number; dataValues: number },
): MemoryEstimate {
  const bytes = (values: number) => values * bytesPerValue;
  const parameters = bytes(cost.parameters);
  const gradients = bytes(cost.trainable);
  const optimizer = bytes(of.slots * cost.trainable);
  const perSample =
    of.featureValues + sizeOf(cost.output) * (1 + lossValues) + mostHeld(cost.layers);
  const activations = bytes(of.batchSize * perSample);
  const data = bytes(of.dataValues);
  const held = parameters + optimizer + gradients + data;
  const peak = held + Math.max(activations, gradients);
  return { parameters, gradients, optimizer, activations, data, peak };
}
