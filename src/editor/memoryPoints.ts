import { estimateMemory } from '../core/memoryEstimate';
import type { TopologyCost } from '../core/topology/topologyCost';
import { sizeOf } from '../core/topology/layerCost';
import type { Subject } from '../protocol/side';
import { stringAt } from './configDocument';
import type { Facts } from './explanation';

const smallest = 8;
const largest = 4096;

/** Values an optimizer keeps for each weight. */
const slots: Readonly<Record<string, number>> = {
  sgd: 0,
  momentum: 1,
  rmsprop: 1,
  adagrad: 1,
  adadelta: 2,
  adam: 2,
  adamax: 2,
};

/** Peak memory over a ladder of batch sizes, the written size included, from a config's layers. */
export function estimatePoints(
  cost: TopologyCost,
  config: unknown,
  { batchSize, samples, result }: Facts,
): Subject['estimate'] {
  const most = Math.min(largest, samples?.count ?? largest);
  const ladder: number[] = [];
  for (let size = smallest; size <= most; size *= 2) ladder.push(size);
  const sizes = new Set([...ladder, ...(batchSize === null ? [] : [batchSize])]);
  const features = result?.dataset.features ?? cost.input.map((length) => length ?? 1);
  const featureValues = sizeOf(features);
  const labels = sizeOf(cost.output);
  const optimizer =
    stringAt(config, 'training', 'optimizer') ??
    stringAt(config, 'training', 'optimizer', 'name') ??
    'adam';
  const all = (samples?.count ?? 0) + (result?.dataset.validationSamples ?? 0);
  const kept = {
    slots: slots[optimizer.toLowerCase()] ?? 2,
    featureValues,
    dataValues: all * (featureValues + labels),
  };
  return [...sizes]
    .sort((a, b) => a - b)
    .map((size) => ({
      batchSize: size,
      bytes: estimateMemory(cost, { ...kept, batchSize: size }).peak,
    }));
}
