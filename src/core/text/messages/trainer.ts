/** What can go wrong inside the training process. */
export const trainerMessages = {
  backendFailed:
    'The backend "{backend}" does not load here ({cause}). Set "backend" to "auto" to train on one that does.',
  backendUnknown:
    'This build of Batchwise has no backend "{backend}". Set "backend" to "auto", "tensorflow", "wasm" or "cpu".',
  backendNone: 'No backend loads on this machine. Run "batchwise doctor" to see why.',
  nativeMissing:
    'TensorFlow\'s native library is not installed: neither the workspace nor {folder} has it. Install it with "batchwise doctor --install-native" or the command "Batchwise: Install TensorFlow Native Runtime".',
  nativeOtherVersion:
    '{package} {version} in {folder} belongs to TensorFlow.js {core}, but Batchwise trains with {expected}. Install Batchwise\'s own with "batchwise doctor --install-native".',
  nativeNotBuilt:
    '{package} {version} in {folder} has no addon for this Node: its install script did not finish. Run "npm rebuild {package}" there, or install Batchwise\'s own with "batchwise doctor --install-native".',
  nativeBroken:
    '{package} in {folder} does not load here ({cause}). Install it again with "batchwise doctor --install-native".',
  dawnMissing:
    'This package of Batchwise has no WebGPU for {platform}. Install the VS Code package made for {platform}, or, for the terminal, the npm package "webgpu" beside Batchwise.',
  dawnOtherPlatform:
    'WebGPU is installed in {folder}, but without a binary for {platform}. Install the package of Batchwise made for {platform}.',
  dawnInElectron:
    'WebGPU does not run inside Electron. Install Node.js 20 or newer and put it on PATH, or name it in the setting "batchwise.nodePath".',
  dawnBroken:
    'WebGPU in {folder} does not load here ({cause}). Install Batchwise again, or train on another backend.',
  trainerOutOfMemoryAtStart:
    'The model does not fit into memory even before training ({cause}). Raise "tuning.memoryLimit" or use a smaller model.',
  trainerDataTooLarge:
    'The data set does not fit into the memory of "{backend}" ({cause}). Use less data or another backend.',
  pythonInterpreterNone:
    'No Python was found. Install Python 3.9 or newer, or name one in "trainer.interpreter".',
  pythonInterpreterBroken: 'The Python at {path} cannot be run: {cause}.',
  pythonTooOld:
    'Python {version} at {path} is too old: scripts are tuned with Python 3.9 or newer.',
  pythonNoUpdate:
    'The script ran to its end without an optimizer step, so there is nothing to tune. Name the script that trains, or call batchwise.report(loss=…, samples=…) after each update.',
  pythonRaised: 'The script stopped with an error before its first update: {cause}',
  pythonExited: 'The script ended before its first update ({cause}).',
  launcherFailed:
    'The launcher "{launcher}" did not start Python ({cause}). Try it in a terminal: {command}',
  placeWithoutFile:
    'There is no {path} on {host}, where the script would run. Put it into a folder that both machines share, or say in "trainer.paths" where its folder is there.',
  rayMissing:
    'The Python at {path} has no Ray ({cause}). Install there the version that the cluster has: "{path}" -m pip install ray',
  rayNone:
    'No Ray cluster was found from this machine. Start one with "ray start --head", or write its address in "trainer.cluster.ray".',
  rayUnreachable:
    'The Ray cluster at {address} does not answer ({cause}). Check "trainer.cluster.ray", and that the cluster is running.',
  rayRefused: 'Ray could not connect to the cluster at {address}: {cause}.',
  rayResources:
    'No machine of the Ray cluster has {resources}. They have: {nodes}. Change "trainer.cluster.resources".',
  rayPlace:
    'Trials ran in actors of the Ray cluster at {address}, all on {host}, with {resources} each.',
  pythonNoLoader:
    'No data loader was found whose batches the script trains on, so its batch size cannot be set. Take it from batchwise.batch_size(…), and call batchwise.report(loss=…, samples=…) after each update.',
  pythonOwnBatches:
    'The data set makes its batches itself (batch_size=None), so their size cannot be set from outside. Take it from batchwise.batch_size(…) in the script.',
  pythonFixedSampler:
    'The batch sampler {name} has no "batch_size" that can be set. Take the size from batchwise.batch_size(…) in the script.',
  pythonKerasDataset:
    'The batch size of what fit() trains on cannot be set from outside. Give it a batch_size attribute, or take the size from batchwise.batch_size(…) in the script.',
  pythonNotDivisible:
    'Batch size {batchSize} cannot be made of the {parts} batches that the script adds up before an update.',
  pythonTorchTooOld: 'PyTorch {version} is too old: scripts are tuned with PyTorch 2.0 or newer.',
  pythonReportNoSamples:
    'batchwise.report() needs the number of samples of the update: batchwise.report(loss=…, samples=…).',
  pythonTrainingLoss:
    'The target is the training loss over equal counts of samples: the script offers no validation that can be asked for.',
  pythonLoaderAt: 'The batch size is set where the data loader is made: {file}:{line}.',
  pythonValidationAt:
    'Batch sizes are compared by the loss on the validation data whose loader is made at {file}:{line}.',
  pythonSeveralOptimizers:
    'The script has {count} optimizers that take turns: updates are counted by the one with the most parameters.',
  pythonReplicas:
    '{count} processes train together. A batch size here is the samples of one update in all of them: {size} is {own} in each.',
  pythonNoLength: 'The data loader has no length: an epoch is counted as {samples} samples.',
  pythonPacked:
    'The script packs its texts: a sample is a sequence of up to {length} tokens, which may hold several texts.',
  pythonSchedule:
    'The learning-rate schedule counts updates. Each size is trained with the rate that size {size} has after as many samples. If you apply another size, scale the step counts that the script gives the schedule: twice the size, half the steps.',
  pythonSetsRates:
    'The script sets the learning rate before each update itself. Where it counts updates for that, larger sizes go through its schedule too slowly, and smaller ones too fast: use a schedule of torch.optim.lr_scheduler to compare them fairly.',
  pythonQuiet: 'While sizes are tried, checkpoints and loggers of {framework} are off.',
} as const;
