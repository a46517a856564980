/** Why a batch size is recommended: each sentence carries the numbers it speaks of. */
export const reasonMessages = {
  fastestToTarget:
    'Batch size {batchSize} reached {metric} {target} in {seconds} s, {times}× faster than {comparedTo}.',
} as const;
