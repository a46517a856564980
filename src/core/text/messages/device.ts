/** What is told of devices: why one is not used, and what the doctor finds. */
export const deviceMessages = {
  webgpuNoAdapter:
    'There is no GPU that WebGPU can drive: no {drivers} driver answered. Install the driver of the GPU\'s maker (on Linux also the Vulkan loader, "libvulkan1" on Debian and Ubuntu), or train on another backend.',
  webgpuSoftware:
    'The only GPU here is {device}, emulated in software and slower than "wasm". Set "backend" to "webgpu" to train on it all the same.',
  doctorTitle: 'Batchwise: Doctor',
  doctorMachine: 'Machine',
  doctorProcessor: 'Processor',
  doctorMemory: 'Memory',
  doctorMemoryOf: '{free} free of {total}',
  doctorMemoryLimited: '{free} free of {total} (the machine has {machine}; a limit leaves less)',
  doctorGpus: 'GPUs',
  doctorGpuMemory: '{name} ({memory})',
  doctorNode: 'Node for training',
  doctorNodeIs: '{version} ({path}): {why}',
  doctorNodeSetting: 'the setting "batchwise.nodePath" names it',
  doctorNodePath: 'it is the "node" on PATH',
  doctorNodeOwn: 'this command runs on it',
  doctorNodeOwnInstead: 'Batchwise itself runs on it; "node" on PATH was not used: {cause}',
  doctorNodeElectron:
    'it is the editor itself (Electron), where WebGPU does not run. Install Node.js 20 or newer, or set "batchwise.nodePath". "node" on PATH was not used: {cause}',
  doctorWorkspace: 'Workspace',
  doctorWorkspaceEngine: 'it trains with {package} ({engine})',
  doctorWorkspaceNone: 'no package.json of it names one engine of TensorFlow.js',
  doctorWorkspaceUntrusted:
    'it is not trusted, so its own packages and its settings are not looked at',
  doctorChosen: 'Chosen by "auto"',
  doctorChosenNone: 'none: no backend loads',
  doctorChosenIs: '{name}, on {device}',
  doctorSoftware: 'emulated in software; "auto" does not take it',
  doctorBackends: 'Backends',
  doctorUsable: 'usable: {device}',
  doctorUnusable: 'not usable: {why}',
  doctorNoGpu: 'none found',
} as const;
