/** What is told of devices: why one is not used, and what the doctor finds. */
export const deviceMessages = {
  webgpuNoAdapter:
    'There is no GPU that WebGPU can drive: no {drivers} driver answered. Install the driver of the GPU\'s maker (on Linux also the Vulkan loader, "libvulkan1" on Debian and Ubuntu), or train on another backend.',
  webgpuSoftware:
    'The only GPU here is {device}, emulated in software and slower than "wasm". Set "backend" to "webgpu" to train on it all the same.',
} as const;
