/** Why a batch size is recommended: each sentence carries the numbers it speaks of. */
export const reasonMessages = {
  fastestToTarget:
    'Batch size {batchSize} reached {metric} {target} in {seconds}, {times}× faster than batch size {comparedTo}.',
  equalToTarget:
    'Batch size {batchSize} reached {metric} {target} in {seconds}, batch size {comparedTo} in {other}.',
  firstToTarget:
    'Batch size {batchSize} reached {metric} {target} first, after {seconds} of training.',
  configuredBehind:
    'The configured batch size {comparedTo} had not reached {metric} {target} after {seconds}.',
  configuredSlower:
    'Batch size {batchSize} came to {metric} {value} {times}× sooner than the configured batch size {comparedTo}, which was stopped there.',
  configuredIsBest: 'The configured batch size {batchSize} is already the best of those measured.',
  noneReachedTarget:
    'No batch size reached {metric} {target} in its share of the budget; after {seconds} of training, batch size {batchSize} was the furthest, at {value}.',
  noTarget:
    'No target could be set, for training improved too little in its share of the budget; after {seconds}, batch size {batchSize} was the furthest, at {metric} {value}.',
  highestThroughput:
    'Batch size {batchSize} trains {samplesPerSecond} samples a second, the most of those measured.',
  throughputGain:
    'That is {times}× the {samplesPerSecond} samples a second of batch size {comparedTo}.',
  bestQuality:
    'After {epochs} epochs, batch size {batchSize} had the best validation {metric}, {value}.',
  qualityGain: 'Batch size {comparedTo} had {value} by then.',
  leastMemory:
    'Batch size {batchSize} is the smallest whose time to the target, {seconds}, is within 10% of the best, {best}.',
  leastMemoryNoTarget:
    'Batch size {batchSize} needs the least memory, {memory}; no size reached the target, so times could not be compared.',
  tieToSmaller:
    'Batch size {other} came within {percent}% of it: of equals, the smaller needs less memory.',
  memoryNeeded: 'It needs {memory} of memory.',
  memoryOfLimit: 'It needs {memory} of the {limit} that the device can give.',
  largestThatFits: 'The largest batch size that fits is {largest}; {tooLarge} ran out of memory.',
  updatesChange:
    'An epoch becomes {iterations} iterations instead of {comparedTo} at the configured size.',
  updatesChangeToOne:
    'An epoch becomes 1 iteration instead of {comparedTo} at the configured size.',
  learningRateChanges:
    'The learning rate becomes {to} instead of {from}, the rate it was measured with at this size.',
  nothingFits:
    'No batch size fits in the {limit} of memory there is: the smallest tried, {batchSize}, needs more. Use a smaller model or raise tuning.memoryLimit.',
  nothingFitsUnknownLimit:
    'No batch size fits in memory: the smallest tried, {batchSize}, ran out of it. Use a smaller model or a machine with more memory.',
  allDiverged:
    'Training diverged at every batch size tried. Lower training.learningRate, now {learningRate}, and tune again.',
  nothingMeasured:
    'No batch size was trained long enough to compare. Raise tuning.budget, now {seconds} s, and tune again.',
  racedAgain:
    'Batch sizes {sizes} came so close to each other that they were raced again, with {seeds} seeds in all.',
  learningRateFaster:
    'At a learning rate of {to} instead of {from}, batch size {batchSize} reached {metric} {target} in {seconds} instead of {before}, so {to} is recommended with it.',
  learningRateFlips:
    'The order of sizes depends on the learning rate: at {rate}, batch size {other} reached {metric} {target} in {seconds}, sooner than batch size {batchSize} at any rate tried ({best}).',
  noiseScale:
    'The gradient noise scale is about {samples} samples: batches far below it repeat noisy updates, batches far above it gain little from more samples.',
  noiseScaleApproximate:
    'The gradient noise scale is about {samples} samples; batch normalization makes that approximate.',
  overfits:
    'At batch size {batchSize}, validation loss was least at epoch {epoch} ({least}) and then rose to {last} while training loss fell: longer training overfits.',
  sameAtOtherTargets:
    'It is also the fastest to {share}% of the improvement, reached in {seconds}.',
  sameAtBothTargets: 'It is also the fastest to {share}% and to {further}% of the improvement.',
  otherAtOtherTargets:
    'To {share}% of the improvement, batch size {other} is the fastest, in {seconds}.',
  accumulationNeeded:
    'Batch size {batchSize} does not fit in memory; it was computed in {parts} parts of at most {part} samples.',
  scheduleFaster:
    'Growing the batch size from {from} to {to} at epoch {epoch} reached {metric} {target} in {seconds}, no slower than the constant size ({best}).',
  scheduleSlower:
    'Growing the batch size from {from} to {to} at epoch {epoch} took {seconds}, so a constant size is better.',
} as const;
