import { estimateMemory, modelMemory } from '../../../src/core/memoryEstimate';
import { withInputShape } from '../../../src/core/topology/inlineInput';
import { forTfjs, inlineTopology } from '../../../src/core/topology/readTopology';
import type { Prepared } from '../../../src/protocol/trainer';
import type { SizeNow } from './measureNow';
import type { TaskDefinition } from './tasks';

/** Peaks that the layers alone let expect, over those that were measured. */
export interface Estimated {
  readonly at64: number | null;
  readonly atLargest: number;
}

/** What the side view would say of a task's memory before anything is trained. */
export function estimated(
  { layers, loss, optimizer }: TaskDefinition,
  { features, samples, validationSamples }: Prepared['dataset'],
  sizes: readonly SizeNow[],
): Estimated {
  const model = withInputShape(forTfjs(inlineTopology(layers)), features);
  const memory = modelMemory(model, features, loss);
  const name = typeof optimizer === 'string' ? optimizer : 'momentum';
  const ratio = ({ batchSize, peakBytes }: SizeNow) =>
    estimateMemory(memory, { batchSize, optimizer: name, samples, validationSamples }).peak /
    peakBytes;
  const at64 = sizes.find(({ batchSize }) => batchSize === 64);
  const largest = sizes.at(-1);
  if (!largest) throw new Error('Nothing was measured.');
  return { at64: at64 ? ratio(at64) : null, atLargest: ratio(largest) };
}
