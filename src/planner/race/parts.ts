/** How the climb over the sizes ended. */
export interface ClimbEnd {
  /** It ended because memory would not suffice, and the trainer can compute in parts. */
  readonly isMemoryBound: boolean;
  /** The largest size that fits; null where none ran. */
  readonly largest: number | null;
  /** Sizes whose memory was measured; those that diverged fit, too. */
  readonly measured: readonly number[];
  /** Training samples. */
  readonly samples: number;
}

/**
 * In how many parts a batch size that does not fit is computed: the fewest whose parts are a size
 * that ran. Null where it fits, where another reason than memory ended the climb, or where the data
 * set cannot fill it.
 */
export function partsOf(
  batchSize: number,
  { isMemoryBound, largest, measured, samples }: ClimbEnd,
): number | null {
  if (!isMemoryBound || largest === null || largest >= batchSize) return null;
  if (batchSize > samples) return null;
  const part = Math.max(0, ...measured.filter((size) => size <= largest));
  return part === 0 ? null : Math.ceil(batchSize / part);
}
