/** Why a batch size is recommended: each sentence carries its numbers. */
export const reasonMessages = {
  fastestToTarget:
    'Batch size {batchSize} reached {metric} {target} in {seconds}, {times}× faster than batch size {comparedTo}.',
  fastestToTargetAtLeast:
    'Batch size {batchSize} reached {metric} {target} in {seconds}, at least {times}× faster than batch size {comparedTo}.',
  equalToTarget:
    'Batch size {batchSize} reached {metric} {target} in {seconds}, batch size {comparedTo} in {other}.',
  firstToTarget:
    'Batch size {batchSize} reached {metric} {target} first, after {seconds} of training.',
  confidenceSure:
    'No other size is likely to be more than 5% faster: it beat {sizes} by more than runs scatter.',
  confidenceBeat: 'It beat {sizes} by more than runs scatter.',
  confidenceTied: 'It cannot be told apart from {sizes}: runs scatter by more than they differ.',
  confidenceNotCompared:
    'It was not compared with {sizes}: their share of the budget ended before they reached the target.',
  onlyOneReached:
    'Only batch size {batchSize} reached the target, so nothing shows that it is the fastest. A budget of about {budget} would settle it.',
  estimateOnly: 'This is an estimate from measured speed: no size was trained to be compared.',
  estimatedFastest:
    'Batch size {batchSize} makes an update in {step} and trains {samplesPerSecond} samples per second. Of the sizes measured ({sizes}), it should reach a target first, whatever the gradient noise scale (arXiv 1812.06162).',
  estimatedFast:
    'Batch size {batchSize} makes an update in {step} and trains {samplesPerSecond} samples per second. Of the sizes measured ({sizes}), none should reach a target more than {times}× faster, whatever the gradient noise scale (arXiv 1812.06162).',
  targetAboveGuessing:
    'Loss {target} is still worse than guessing: the best constant output has {guess}. Sizes were compared by how fast they left the start ({start}), which says little about later training. Check the learning rate, the data and the weights that training starts from.',
  configuredBehind:
    'The configured batch size {comparedTo} had not reached {metric} {target} after {seconds}.',
  configuredSlower:
    'Batch size {batchSize} reached {metric} {value} {times}× faster than the configured batch size {comparedTo}, which was stopped at that point.',
  configuredIsBest: 'The configured batch size {batchSize} is already the best of those measured.',
  noneReachedTarget:
    'No batch size reached {metric} {target} within its share of the budget. After {seconds} of training, batch size {batchSize} was closest, at {value}.',
  noTarget:
    'No target could be set because training improved too little within its share of the budget. After {seconds}, batch size {batchSize} had come furthest, at {metric} {value}.',
  highestThroughput:
    'Batch size {batchSize} trains {samplesPerSecond} samples per second, the most of all sizes measured.',
  throughputGain:
    'That is {times}× the {samplesPerSecond} samples per second of batch size {comparedTo}.',
  bestQuality:
    'After {epochs} epochs, batch size {batchSize} had the best validation {metric}, {value}.',
  qualityGain: 'Batch size {comparedTo} had reached {value}.',
  leastMemory:
    'Batch size {batchSize} is the smallest whose time to the target, {seconds}, is within 10% of the best, {best}.',
  leastMemoryNoTarget:
    'Batch size {batchSize} needs the least memory, {memory}; no size reached the target, so times could not be compared.',
  tieToSmaller:
    'Batch size {other} came within {percent}%. Of two equal sizes, the smaller one needs less memory.',
  tieToSmallest:
    'Batch sizes {others} came within {percent}%. Of equal sizes, the smallest one needs the least memory.',
  fewerSeeds:
    'Batch size {other} looks faster ({seconds}), but it was raced with fewer seeds (its own: {seeds}) than the sizes compared.',
  memoryNeeded: 'It needs {memory} of memory.',
  memoryOfLimit: 'It needs {memory} of the {limit} available on the device.',
  largestThatFits: 'The largest batch size that fits is {largest}; {tooLarge} ran out of memory.',
  updatesChange:
    'An epoch has {iterations} iterations instead of {comparedTo} at the configured size.',
  updatesChangeToOne: 'An epoch has 1 iteration instead of {comparedTo} at the configured size.',
  learningRateChanges:
    'Use a learning rate of {to} instead of {from}: this size was measured with it.',
  learningRateByRule:
    'Use a learning rate of {to} instead of {from}, as tuning.learningRateScaling has it for this size.',
  nothingFits:
    'No batch size fits in the available memory of {limit}: the smallest size tried, {batchSize}, needs more. Use a smaller model or raise tuning.memoryLimit.',
  nothingFitsUnknownLimit:
    'No batch size fits in memory: the smallest size tried, {batchSize}, ran out of memory. Use a smaller model or a machine with more memory.',
  allDiverged:
    'Training diverged at every batch size tried. Lower training.learningRate, now {learningRate}, and tune again.',
  notLearned:
    'The model has not begun to learn: after {updates} updates at batch size {batchSize} ({epochs} epochs), {metric} was {value}; it started at {start}. No size can be recommended by time. Raise tuning.budget to about {budget}, or check the learning rate and the data.',
  notLearnedInEpochs:
    'The model has not begun to learn: after {epochs} epochs at batch size {batchSize}, {metric} was {value}; it started at {start}. No size can be recommended by time. Check the learning rate and the data, or raise training.epochs.',
  notBelowGuessing:
    'The model has not learned clearly more than guessing: after {updates} updates at batch size {batchSize} ({epochs} epochs), loss was {value}; it started at {start}, and the best constant output has {guess}. No size can be recommended by time. Raise tuning.budget to about {budget}, or check the learning rate and the data.',
  notBelowGuessingInEpochs:
    'The model has not learned clearly more than guessing: after {epochs} epochs at batch size {batchSize}, loss was {value}; it started at {start}, and the best constant output has {guess}. No size can be recommended by time. Check the learning rate and the data, or raise training.epochs.',
  notBetterThanGuessing:
    'The model has not begun to learn: after {epochs} epochs at batch size {batchSize}, accuracy was {value}, and always guessing the largest class gives {guess}. No size can be recommended by time. Set tuning.targetMetric to "loss", or raise tuning.budget to about {budget}.',
  tooSlowToCompare:
    'An update at batch size {batchSize} takes about {step}. Once training has started, the budget has {left} left for about {updates} updates: too few to compare batch sizes. Only speed and memory are measured. Set tuning.budget to at least {least} and tune again; training for {epochs} epochs, as configured, needs about {budget}.',
  startByRule:
    'Until sizes are compared, start at batch size {batchSize}: a rule of thumb for this kind of model, not a measurement ({low} to {high} are common, {source}).',
  startBelowMemory:
    'Until sizes are compared, start at batch size {batchSize}, the largest power of two below {tooLarge}, which ran out of memory. The rule of thumb for this kind of model would be {usual} ({source}).',
  nothingMeasured:
    'No batch size was trained long enough to compare. Raise tuning.budget, now {seconds} s, and tune again.',
  nothingMeasuredAfterStart:
    'No batch size was trained long enough to compare: starting the training took {start} of the {seconds} s of tuning.budget. Raise it to about {budget} and tune again.',
  racedAgain:
    'Batch sizes {sizes} came so close to each other that they were raced again, with {seeds} seeds in total.',
  learningRateFaster:
    'At a learning rate of {to} instead of {from}, batch size {batchSize} reached {metric} {target} in {seconds} instead of {before}, so {to} is recommended with it.',
  learningRateFlips:
    'The order of sizes depends on the learning rate: at {rate}, batch size {other} reached {metric} {target} in {seconds}, faster than batch size {batchSize} at any rate tried ({best}).',
  noiseScale:
    'The gradient noise scale is about {samples} samples: batches far below it repeat noisy updates, batches far above it gain little from more samples.',
  noiseScaleApproximate:
    'The gradient noise scale is about {samples} samples; batch normalization makes that approximate.',
  overfits:
    'At batch size {batchSize}, validation loss was lowest at epoch {epoch} ({least}) and then rose to {last} while training loss fell: longer training overfits.',
  sameAtOtherTargets:
    'It is also the fastest to {share}% of the improvement, reached in {seconds}.',
  sameAtBothTargets: 'It is also the fastest to {share}% and to {further}% of the improvement.',
  otherAtOtherTargets:
    'To {share}% of the improvement, batch size {other} is the fastest, in {seconds}.',
  accumulationNeeded:
    'Batch size {batchSize} does not fit in memory. It was computed in {parts} microbatches of at most {part} samples.',
  scheduleFaster:
    'Growing the batch size from {from} to {to} at epoch {epoch} reached {metric} {target} in {seconds}, no slower than the constant size ({best}).',
  scheduleSlower:
    'Growing the batch size from {from} to {to} at epoch {epoch} took {seconds}, so a constant size is better.',
} as const;
