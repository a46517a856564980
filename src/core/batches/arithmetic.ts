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

const largestEvaluationBatch = 256;
/** What the outputs of all layers for one evaluation batch may take together. */
const evaluationBytes = 64 * 2 ** 20;

/**
 * The one batch size that a model is evaluated with: 256, or the power of two below it for which
 * the outputs of all its layers stay under 64 MiB.
 * @param outputBytes of all layers, for one sample
 */
export function evaluationBatchSize(outputBytes: number): number {
  const fitting = Math.log2(Math.max(1, evaluationBytes / Math.max(1, outputBytes)));
  return Math.min(largestEvaluationBatch, 2 ** Math.floor(fitting));
}
