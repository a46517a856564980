import type { BatchCount } from '../../core/batches/updates';

/** A trainer that is known by keys of its configuration, and what its sizes count. */
interface Reader {
  /** Keys that stand together in its configurations alone, by their plain names. */
  readonly keys: readonly string[];
  /** By plain name. */
  readonly counts: Readonly<Record<string, BatchCount>>;
  /** Whether short samples are always packed into longer ones. */
  readonly packs?: true;
}

const readers: readonly Reader[] = [
  {
    // SimpleTuner: https://github.com/bghira/SimpleTuner/blob/main/documentation/DISTRIBUTED.md
    keys: ['databackendconfig', 'trainbatchsize'],
    counts: { trainbatchsize: 'perDevice' },
  },
  {
    // sd-scripts: https://github.com/kohya-ss/sd-scripts/blob/main/train_network.py
    keys: ['networkmodule', 'trainbatchsize'],
    counts: { trainbatchsize: 'perDevice' },
  },
  {
    // https://github.com/mistralai/mistral-finetune#customizing-training-configuration
    keys: ['instructdata', 'seqlen', 'batchsize'],
    counts: { batchsize: 'perDevice' },
    packs: true,
  },
  {
    // trlx, on Accelerate and NeMo: https://trlx.readthedocs.io/en/latest/configs.html
    keys: ['pipeline', 'trainer', 'seqlength', 'evalinterval', 'batchsize'],
    counts: { batchsize: 'perDevice', minibatchsize: 'microbatch' },
  },
];

/** The trainer that reads a configuration with such keys; null for one that is not in the table. */
export function readerOf(keys: ReadonlySet<string>): Reader | null {
  return readers.find((reader) => reader.keys.every((key) => keys.has(key))) ?? null;
}
