import { effectiveBatchSize, iterationsPerEpoch, lastBatchSize } from './arithmetic';

/**
 * What a written batch size counts:
 * - `perDevice`: the samples that each device takes at once, in a program that may run on several;
 * - `microbatch`: the samples of one forward pass, several of which may make an update;
 * - `global`: the samples of a whole update, over all devices and accumulated batches;
 * - `completions`: what a model generates of prompts, and is trained on;
 * - `tokens`: how long its samples are together, in tokens, frames or seconds.
 */
export type BatchCount = 'perDevice' | 'microbatch' | 'global' | 'completions' | 'tokens';

/** How updates are made of batches; what is not known is left out. */
export interface Batching {
  /** The batch size as it is written. */
  readonly batchSize: number;
  /** Null: samples of one batch. */
  readonly counts?: BatchCount | null;
  /** The size of a whole update, where it is written beside that of a microbatch. */
  readonly global?: number | null;
  /** Batches whose gradients are summed before an update. */
  readonly accumulation: number;
  /** Devices that train together. */
  readonly devices?: number | null;
  /** Completions of each prompt. */
  readonly generations?: number | null;
  /** Whether short samples are packed into longer ones. */
  readonly packs?: boolean;
  /** Whether a partial last batch is left out of every epoch. */
  readonly dropsLast?: boolean;
}

/** One epoch in updates. */
export interface EpochOfUpdates {
  readonly updates: number;
  /** Samples (or completions) in a partial last batch; null when all batches are full. */
  readonly lastBatch: number | null;
  /** Batches in the last update; null when it has as many as the others. */
  readonly lastUpdate: number | null;
}

/** The samples of an update, where they are written as one number. */
function wholeUpdate({ batchSize, counts = null, global = null }: Batching): number | null {
  if (counts === 'global') return batchSize;
  return counts === 'microbatch' ? global : null;
}

/** Samples, or completions, of one batch over the devices that are known; null where it is not known. */
export function batchOverDevices(batching: Batching): number | null {
  const { batchSize, counts = null, devices, packs = false } = batching;
  if (packs || counts === 'tokens') return null;
  return wholeUpdate(batching) ?? batchSize * (devices ?? 1);
}

/** Batches of an update that are made one after the other: a global size has them inside. */
function batchesOf(batching: Batching): number {
  return wholeUpdate(batching) === null ? batching.accumulation : 1;
}

/** Samples (or completions) of one update on the devices that are known; null where it is not known. */
export function samplesPerUpdate(batching: Batching): number | null {
  const batch = batchOverDevices(batching);
  return batch === null ? null : effectiveBatchSize(batch, batchesOf(batching));
}

/**
 * Updates of an epoch of `samples` samples, as trainers count them that make an update of what is left
 * at an epoch's end: the batches, rounded up (down where a partial one is dropped), over the
 * accumulation, rounded up (Hugging Face's `Trainer.set_initial_training_values`, Lightning, Accelerate).
 * Null where the samples of a batch are not known.
 */
export function epochOfUpdates(samples: number, batching: Batching): EpochOfUpdates | null {
  const batch = batchOverDevices(batching);
  if (batch === null) return null;
  const { counts = null, generations, dropsLast = false } = batching;
  const accumulated = batchesOf(batching);
  if (counts === 'completions') {
    // TRL's RepeatSampler leaves out the prompts that do not fill a round of generations.
    const updates = iterationsPerEpoch(samples * (generations ?? 1), batch * accumulated, true);
    return { updates, lastBatch: null, lastUpdate: null };
  }
  const batches = iterationsPerEpoch(samples, batch, dropsLast);
  return {
    updates: iterationsPerEpoch(batches, accumulated),
    lastBatch: lastBatchSize(samples, batch),
    lastUpdate: lastBatchSize(batches, accumulated),
  };
}

/** A program that writes the size of a whole update beside that of a microbatch. */
export interface UpdateSizes {
  /** Samples of an update, over all devices and accumulated batches. */
  readonly global: number;
  /** Samples of one forward pass on one device. */
  readonly microbatch: number;
  /** Batches of an update, one after the other; null where the framework works it out. */
  readonly accumulation: number | null;
  /** Null where it is not said. */
  readonly devices: number | null;
}

/**
 * The size of an update that its parts can make, nearest to the one that is written: the same where
 * they do not contradict each other. `global` = `microbatch` × `accumulation` × `devices`, of which
 * what is not said may be any whole number (DeepSpeed's `_batch_assertion`, Megatron's
 * `num_microbatches_calculator`).
 */
export function possibleUpdate(sizes: UpdateSizes): number {
  const { size, isWhole } = writtenParts(sizes);
  return isWhole ? size : Math.max(1, Math.round(sizes.global / size)) * size;
}

/** What of an update's parts is written, and the samples that those make. */
export function writtenParts({ microbatch, accumulation, devices }: UpdateSizes): {
  readonly factors: readonly number[];
  readonly size: number;
  /** Whether neither accumulation nor devices are left open. */
  readonly isWhole: boolean;
} {
  const factors = [microbatch, accumulation, devices].filter((factor) => factor !== null);
  return {
    factors,
    size: factors.reduce((all, factor) => all * factor, 1),
    isWhole: accumulation !== null && devices !== null,
  };
}
