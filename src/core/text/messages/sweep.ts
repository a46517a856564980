/** Problems and progress of a sweep. */
export const sweepMessages = {
  workerDied: 'The training process ended unexpectedly ({cause}).',
  workerNotStarted: 'The training process did not start: {cause}.',
  workerSilent: 'The training process did not answer for {seconds} s and was ended.',
  workerRestarted: 'The training process ended unexpectedly ({cause}) and was started again.',
  rehearsalSilent:
    'The gradients of a single sample took more than {seconds} s to compute, so no batch size can be measured in that time. Raise tuning.budget, make the model or its input smaller, or use another backend.',
  trialSilent:
    'The updates at batch size {batchSize} took more than {seconds} s and were ended. Raise tuning.budget, or make the model or its input smaller.',
  moduleSilent:
    '{path} did not return from {call} within {seconds} s, and was ended. Let it return sooner, or raise "tuning.budget".',
  moduleEndedProcess:
    'The training process ended unexpectedly ({cause}) while {path} was in {call}.',
  inputsChanged:
    'The model or the data changed during the sweep, so its sizes cannot be compared. Leave the files as they are until the end, and tune again.',
  workerMissing: 'The training process {file} is missing. Build or reinstall Batchwise.',
  trainerProblem: 'The trainer reported: {cause}',
  nodeSettingMissing: 'The Node executable {path} cannot be run: {cause}. Check the setting.',
  nodeTooOld: 'Node {version} at {path} is too old: Batchwise needs Node 20 or newer to train.',
  trialOutOfMemory: 'Batch size {batchSize} ran out of memory: {cause}',
  trialDiverged: 'Training at batch size {batchSize} diverged: {cause}',
  trialFailed: 'Batch size {batchSize} could not be trained: {cause}',
  timeLeftAbout: 'about {time} left',
  timeLeftAtMost: 'at most {time} left',
  statusOk: 'ok',
  statusOutOfMemory: 'out of memory',
  statusDiverged: 'diverged',
  statusFailed: 'failed',
  statusSkipped: 'skipped',
  stopProbed: 'measured only',
  stopPaused: 'paused',
  stopPlateau: 'training leveled off',
  stopEpochs: 'trained all epochs',
  stopReachedTarget: 'reached the target',
  stopSlower: 'slower than the best',
  stopBehind: 'behind the best',
  stopOvertaken: 'overtaken',
  stopBudget: 'the budget was used up',
  purposeRepeat: 'other seed',
  purposeHalfRate: 'half the learning rate',
  purposeTwiceRate: 'twice the learning rate',
  purposeAccumulated: 'gradient accumulation',
  purposeSchedule: 'growing batch size',
  batchSizesEmpty: 'There is no batch size to try. Specify at least one, such as 8,16,32.',
  batchSizeNotPositive: 'A batch size must be a whole number of at least 1, not {batchSize}.',
  batchSizeAboveDataset:
    'Batch size {batchSize} is larger than the data set: there are {samples} training samples. Use at most {samples}.',
  batchSizeRangeReversed:
    'The largest batch size, {max}, is below the smallest, {min}. Swap them or leave the largest out.',
  validationEmpty:
    'There are no validation samples, so no loss can be compared. Raise data.validation.',
  everyTrialFailed: 'No batch size could be trained. The first failure: {cause}',
  sweepLogUnwritable:
    'The sweep cannot be saved in {folder}: {cause}. It continues, but cannot be resumed or shown later.',
  resultNotKept:
    'The result cannot be saved in {folder}: {cause}. It is shown now, but cannot be shown later.',
  sweepWaiting: 'Waiting for another sweep on this machine to end ({owner}).',
  sweepRunning: 'Another sweep runs on this machine ({owner}). Wait for it to end, or cancel it.',
  lockUnusable:
    'The lock that keeps sweeps apart cannot be made in {folder}: {cause}. Start no other sweep until this one has ended.',
  logNewer:
    'The last sweep was written by a newer version of Batchwise. Update Batchwise to see or resume it.',
  resumeNothing: 'There is no interrupted sweep to resume. Starting from the beginning.',
  resumeFinished:
    'The last sweep finished, so there is nothing to resume. Starting from the beginning.',
  resumeChanged:
    'The model, the data or the settings have changed since the interrupted sweep. Starting from the beginning.',
  resumed: 'Resuming the sweep of {at}: {trials} finished trials are kept.',
  resultReused:
    'Nothing that affects the result has changed since {at}, so the earlier result is shown. Measuring it took {seconds}.',
  machineBusy:
    'Other programs kept the processor for {percent}% of the time. Step times are those of the work alone, but the sweep took longer.',
  machineBusyByWall:
    'Other programs kept the processor for {percent}% of the time. Step times include some of the waiting, so they are less certain. Tune again on a quiet machine.',
  stillWarmingUp:
    'At batch size {sizes}, steps were still getting faster when the time for timing was over: their times are too long.',
  targetMet:
    'tuning.targetLoss {target} is met before training ({metric} starts at {start}), so it cannot compare sizes. A pilot chooses the target instead.',
  targetFar:
    'No batch size came near tuning.targetLoss {target}: the best {metric} was {best}. Choose a target within reach, or raise tuning.budget.',
  endTooFar:
    'The training plans {epochs} epochs, too many for the budget to compare sizes by the loss that it ends with: they are compared by one on the way there. A budget of {budget} would do for the end.',
  progressPreparing: 'Loading the model and the data',
  progressReading: 'Reading the data: {percent}%',
  progressMeasuring: 'Measuring the columns of the data: {percent}%',
  dataStreamed:
    'The data set ({data}) and what training the model takes beside it need more than {limit} together: batches are read from disk while the device trains.',
  progressProbing: 'Measuring speed and memory at batch size {batchSize}',
  progressPilot: 'Choosing the target with batch size {batchSize}',
  progressTraining: 'Training with batch size {batchSize}',
  progressProving: 'Proving the largest batch size: {batchSize}',
  progressQueued: 'Waiting for a place: {cause}',
  progressLauncher: 'Waiting for "{launcher}" to start Python',
  progressRay: 'Waiting for an actor of the Ray cluster with {resources}',
  progressTurns: 'Timing all sizes alternately',
  progressFinalists: 'Timing the fastest sizes alternately',
  progressRecommending: 'Comparing',
  otherEngine:
    'The workspace trains with {package} ({engine}), but this was measured with "{name}" on {device}, so training times in the workspace will differ.',
} as const;
