/**
 * What a training process gets of the environment. Code of the workspace runs in it, so tokens and
 * passwords that happen to be in the editor's environment stay out: only names on this list pass.
 */
const passed: ReadonlySet<string> = new Set([
  // Where programs, libraries, homes and temporary files are.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  // The same on Windows.
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
  // Language and time zone.
  'LANG',
  'LANGUAGE',
  'TZ',
  // Node itself.
  'NODE_OPTIONS',
  'NODE_PATH',
  'UV_THREADPOOL_SIZE',
  'BATCHWISE_DATA_FOLDER',
  // Devices, their drivers, and how many threads may compute.
  'CUDA_CACHE_PATH',
  'CUDA_DEVICE_ORDER',
  'CUDA_HOME',
  'CUDA_PATH',
  'CUDA_VISIBLE_DEVICES',
  'DISPLAY',
  'DRI_PRIME',
  'GPU_DEVICE_ORDINAL',
  'HIP_VISIBLE_DEVICES',
  'HSA_OVERRIDE_GFX_VERSION',
  'KMP_AFFINITY',
  'KMP_BLOCKTIME',
  'MESA_VK_DEVICE_SELECT',
  'MKL_NUM_THREADS',
  'NVIDIA_DRIVER_CAPABILITIES',
  'NVIDIA_VISIBLE_DEVICES',
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'ROCR_VISIBLE_DEVICES',
  'TF_CPP_MIN_LOG_LEVEL',
  'TF_CUDNN_DETERMINISTIC',
  'TF_DETERMINISTIC_OPS',
  'TF_ENABLE_ONEDNN_OPTS',
  'TF_FORCE_GPU_ALLOW_GROWTH',
  'TF_GPU_ALLOCATOR',
  'TF_NUM_INTEROP_THREADS',
  'TF_NUM_INTRAOP_THREADS',
  'TF_XLA_FLAGS',
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
  'VK_LAYER_PATH',
  'VK_LOADER_DEBUG',
  'WAYLAND_DISPLAY',
]);

/** The environment of a training process; names are compared as the system does. */
export function workerEnvironment(
  own: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const spelled = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  return Object.fromEntries(
    Object.entries(own).filter(
      ([name]) => passed.has(spelled(name)) || /^LC_[A-Z]+$/.test(spelled(name)),
    ),
  );
}
