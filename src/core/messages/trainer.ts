/** What can go wrong inside the training process. */
export const trainerMessages = {
  backendFailed:
    'The backend "{backend}" does not load here ({cause}). Set "backend" to "auto" to train on one that does.',
  backendUnknown:
    'This build of Batchwise has no backend "{backend}". Set "backend" to "auto", "wasm" or "cpu".',
  backendNone: 'No backend loads on this machine. Run "batchwise doctor" to see why.',
  trainerNotLoaded: 'The trainer has loaded no config yet.',
  trainerOutOfMemoryAtStart:
    'The model does not fit into memory even before training ({cause}). Raise "tuning.memoryLimit" or use a smaller model.',
  trainerDataTooLarge:
    'The data set does not fit into the memory of "{backend}" ({cause}). Use less data or another backend.',
} as const;
