import { existsSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findDawn } from '../../src/trainer/backends/dawnBinding';

/** Where Debian's Chromium keeps SwiftShader, a Vulkan device in software, and a Vulkan loader. */
const chromium = '/usr/lib/chromium';
const driver = path.join(chromium, 'vk_swiftshader_icd.json');

/** Why the tests that need a GPU in software cannot run here; null when they can. */
export const noSoftwareGpu: string | null =
  process.platform !== 'linux' || !existsSync(driver) || !existsSync(`${chromium}/libvulkan.so.1`)
    ? `needs the SwiftShader of Debian's chromium (${driver})`
    : findDawn(path.resolve('dist')) === null
      ? 'needs the npm package "webgpu"'
      : null;

/** The environment in which Dawn finds the GPU in software, and no other. */
export function softwareGpu(): NodeJS.ProcessEnv {
  return {
    VK_ICD_FILENAMES: driver,
    VK_DRIVER_FILES: driver,
    LD_LIBRARY_PATH: chromium,
    XDG_RUNTIME_DIR: mkdtempSync(path.join(tmpdir(), 'batchwise-xdg-')),
  };
}

/** The environment in which the Vulkan loader, if there is one, finds no driver at all. */
export const noVulkan: NodeJS.ProcessEnv = {
  VK_ICD_FILENAMES: '/nonexistent.json',
  VK_DRIVER_FILES: '/nonexistent.json',
};

/** Puts Dawn beside a built worker, as a package for a platform has it. */
export function addDawn(worker: string): void {
  const dawn = findDawn(path.resolve('dist'));
  if (dawn) symlinkSync(realpathSync(dawn), path.join(path.dirname(worker), 'dawn'), 'dir');
}
