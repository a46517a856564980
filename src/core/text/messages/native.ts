/** What is said while TensorFlow's native library is installed, and why it may not be. */
export const nativeMessages = {
  nativePlanPackage:
    "TensorFlow's native library will be installed by the npm package {package} {version}, which downloads libtensorflow from {host} ({download}).",
  nativePlanMirror:
    "TensorFlow's native library will be installed by the npm package {package} {version}, which downloads libtensorflow from the mirror {host} ({download}).",
  nativePlanWheel:
    "TensorFlow's native library will be taken from the Python package {project} {version}, downloaded with pip ({download}), and its Node addon from the npm package {package}, compiled here with {compiler}.",
  nativePlanWhyNot: 'Not from {host}: {cause}.',
  nativePlanSpace: 'It takes about {disk} in {folder}, shared by the editor and the terminal.',
  nativePlanCompiler:
    'Where no ready-made addon is offered for this machine it is compiled with {compiler}.',
  nativePlanNoCompiler:
    'Where no ready-made addon is offered for this machine a C++ compiler is needed, and none was found.',
  nativeStepPackages: 'Installing {package} with npm',
  nativeStepDownload: 'Downloading {project}: {done} of {total}',
  nativeStepUnpack: 'Unpacking libtensorflow',
  nativeStepCompile: 'Compiling the addon with {compiler}',
  nativeStepCheck: 'Testing the installation',
  nativeInstalled:
    "TensorFlow's native library {libtensorflow} is installed in {folder} and passed its test.",
  nativePresent:
    "TensorFlow's native library {libtensorflow} is installed already in {folder} and works.",
  nativeDeclined: 'Nothing was installed.',
  nativeCancelled: 'Cancelled; nothing was left behind.',
  nativeNotConfirmed:
    'Run it in a terminal to be asked, or give --yes to install without a question.',
  nativeAsk: 'Install? [y/N] ',
  nativeNoNpm:
    'npm was not found, and the addon comes from there. Install Node.js with npm from https://nodejs.org and try again.',
  nativeNoSource:
    "TensorFlow's native library is not available for this machine. {host}: {cause}. As a Python package: {wheelCause}. Set a mirror (TFJS_NODE_CDN_STORAGE, or the setting batchwise.nativeRuntimeMirror), or install what is missing.",
  nativeNoWheel: 'there is none with the library for {platform}',
  nativeNoPython: 'Python 3 with pip was not found on PATH',
  nativeNoCompiler:
    'no C++ compiler was found (c++, g++ or clang++; for example "apt install g++" or "xcode-select --install")',
  nativeNeedsCompiler: 'The addon must be compiled on this machine, but {cause}.',
  nativeNoSpace:
    'There is too little space in {folder}: {free} is free, about {needed} is needed. Free some space, or set BATCHWISE_DATA_FOLDER to a folder on another disk.',
  nativeFolderUnusable: 'The folder {folder} cannot be written: {cause}.',
  nativeStepFailed: '{program} failed: {cause}',
  nativeWheelIncomplete: '{wheel} does not contain {missing}, so it cannot be used.',
  nativeCheckFailed: 'The library was installed but does not work here: {cause}',
  doctorInstallNative: "install TensorFlow's native library (libtensorflow) for training",
  doctorYes: 'install without a question',
} as const;
