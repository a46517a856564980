import { valueAt } from '../../config/jsonText';
import { estimateMemory } from '../../core/model/memoryEstimate';
import type { Subject } from '../../protocol/side';
import { stringAt } from './configDocument';
import type { ConfigModel } from './configModel';
import type { DataOutline } from './sampleCount';

const smallest = 8;
const largest = 4096;
/** Where the number of validation samples is not known: enough to fill a batch. */
const likelyValidation = 256;

/**
 * Peak memory over a ladder of batch sizes, the written size included, from a config's layers; empty
 * where nothing says the shape of a sample.
 */
export function estimatePoints(
  { memory, optimizer: compiled }: ConfigModel,
  config: unknown,
  batchSize: number | null,
  data: DataOutline | null,
  isStreamed = false,
): Subject['estimate'] {
  if (!memory) return [];
  const most = Math.min(largest, data?.samples ?? largest);
  const ladder: number[] = [];
  for (let size = smallest; size <= most; size *= 2) ladder.push(size);
  const sizes = new Set([...ladder, ...(batchSize === null ? [] : [batchSize])]);
  const setup = {
    optimizer: optimizerOf(config) ?? compiled ?? 'adam',
    // Samples that stay on disk take nothing on the device.
    samples: isStreamed ? 0 : (data?.samples ?? 0),
    validationSamples: data?.validationSamples ?? likelyValidation,
  };
  return [...sizes]
    .sort((a, b) => a - b)
    .map((size) => ({
      batchSize: size,
      bytes: estimateMemory(memory, { ...setup, batchSize: size }).peak,
    }));
}

/** The config's own optimizer; plain descent with a momentum is another one to memory. */
function optimizerOf(config: unknown): string | null {
  const name =
    stringAt(config, 'training', 'optimizer') ?? stringAt(config, 'training', 'optimizer', 'name');
  const momentum = valueAt(config, ['training', 'optimizer', 'momentum']);
  return name === 'sgd' && typeof momentum === 'number' && momentum > 0 ? 'momentum' : name;
}
