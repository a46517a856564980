/**
 * The arithmetic of batches: a batch is the samples processed before one update, an iteration is
 * one update, an epoch is every sample once. All counts are whole numbers; sizes are at least 1.
 */

/**
 * Updates in one epoch: samples / batch size, rounded up, since the last batch may be partial;
 * rounded down where a partial last batch is dropped.
 */
export function iterationsPerEpoch(samples: number, batchSize: number, dropsLast = false): number {
  return dropsLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
}

/** Samples in an epoch's last, partial batch; null when the batches come out even. */
export function lastBatchSize(samples: number, batchSize: number): number | null {
  const rest = samples % batchSize;
  return rest === 0 ? null : rest;
}

/** Updates in a whole training of `epochs` epochs. */
export function totalIterations(samples: number, batchSize: number, epochs: number): number {
  return iterationsPerEpoch(samples, batchSize) * epochs;
}

/** Samples of one update for which the gradients of `accumulation` batches are summed. */
export function effectiveBatchSize(batchSize: number, accumulation: number): number {
  return batchSize * accumulation;
}
