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
} as const;
